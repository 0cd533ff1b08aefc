"""Pages of a stream: its bytes, each once, in its order, whatever the size of pages and whenever days are released."""

from collections.abc import Callable
from pathlib import Path

import pytest

from infra.simulator.platforms import stream
from tests.support.platforms import DAYS, KIND_KEYS, Client, items, joined, write_day

Serve = Callable[..., Client]
LIMITS = [1, 2, 3, 6, 7, 8, 20, 21, 22, 1000]


def whole(source: str, kind: str = "") -> bytes:
    lines = [item for day in DAYS for item in items(source, day)]
    return b",".join(line for line in lines if f'"{kind}'.encode() in line)


@pytest.mark.parametrize("source", KIND_KEYS)
@pytest.mark.parametrize("limit", LIMITS)
def test_pages_are_the_stream_byte_for_byte(served: Client, source: str, limit: int) -> None:
    pages = list(served.pages(source, limit=limit))

    assert joined(pages) == whole(source)
    assert len(pages) == -(-21 // limit)


@pytest.mark.parametrize("source", KIND_KEYS)
@pytest.mark.parametrize("limit", LIMITS)
def test_filtered_pages_are_the_items_of_these_kinds(served: Client, source: str, limit: int) -> None:
    pages = list(served.pages(source, limit=limit, kinds="like"))

    assert joined(pages) == whole(source, "like")
    assert len(pages) == -(-6 // limit)


@pytest.mark.parametrize("limit", [1, 2, 6, 7, 8, 1000])
@pytest.mark.parametrize("pages_between", [1, 3])
@pytest.mark.parametrize("kinds", [None, "like", "post,like"])
def test_days_released_between_pages_leave_no_gap_and_no_repeat(
    serve: Serve, limit: int, pages_between: int, kinds: str | None
) -> None:
    client = serve(through=DAYS[0])
    asked = {"limit": limit, **({"kinds": kinds} if kinds else {})}

    pages, to_release = [client.page("social_a", **asked)], list(DAYS[1:])
    while pages[-1].has_more or to_release:
        if to_release and len(pages) % pages_between == 0:
            client.control(through=to_release.pop(0).isoformat())
        pages.append(client.page("social_a", **asked, cursor=pages[-1].cursor))

    lines = [item for day in DAYS for item in items("social_a", day)]
    wanted = [line for line in lines if not kinds or any(f'"{kind}"'.encode() in line for kind in kinds.split(","))]
    assert joined(pages) == b",".join(wanted)


def test_a_filter_may_change_between_pages(served: Client) -> None:
    first = served.page("social_a", limit=1, kinds="follow")

    rest = list(served.pages("social_a", cursor=first.cursor))

    assert joined(rest) == b",".join([item for day in DAYS for item in items("social_a", day)][2:])


def test_a_page_has_200_items_where_no_limit_is_given(serve: Serve, folder: Path) -> None:
    write_day(folder, "social_a", DAYS[0], items("social_a", DAYS[0], 300))

    assert serve().page("social_a").items.count(b'"kind"') == 200


def test_a_kind_that_no_item_has_leaves_an_empty_page_at_the_end(served: Client) -> None:
    page = served.page("social_b", kinds="sniffed")

    assert (page.items, page.has_more) == (b"", False)
    assert served.page("social_b", cursor=page.cursor).items == b""


def test_broken_items_are_served_as_they_are(serve: Serve, folder: Path) -> None:
    broken = [
        b'{"kind":"post","kind":"like"}',
        b'{"Kind":"post"}',
        b'{"kind":"post","x":"\\u0000"}',
        b'{"x":' + b"[" * 1500 + b"]" * 1500 + b',"kind":"post"}',
        b'{"kind":17}',
        b"17",
        b'{"text":"\\"kind\\":\\"like\\""}',
    ]
    write_day(folder, "social_a", DAYS[0], broken)
    client = serve(through=DAYS[0])

    assert client.page("social_a").items == b",".join(broken)
    assert client.page("social_a", kinds="post").items == b",".join([broken[0], broken[2], broken[3]])
    assert client.page("social_a", kinds="like").items == b""


def test_a_page_ends_early_rather_than_outgrow_memory(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "PAGE_BYTES", 100)

    pages = list(serve().pages("social_a", limit=1000))

    assert len(pages) > 5
    assert joined(pages) == whole("social_a")


def test_a_line_counts_once_its_end_is_written(serve: Serve, folder: Path) -> None:
    client = serve()
    end = list(client.pages("social_a"))[-1].cursor
    file = folder / "api" / "social_a" / f"{DAYS[-1]}.jsonl"

    file.write_bytes(file.read_bytes() + b'{"kind":"po')
    assert client.page("social_a", cursor=end).items == b""

    file.write_bytes(file.read_bytes() + b'st"}\n')
    assert client.page("social_a", cursor=end).items == b'{"kind":"post"}'


def test_an_empty_day_is_no_obstacle(serve: Serve, folder: Path) -> None:
    write_day(folder, "social_a", DAYS[1], [])
    client = serve()

    pages = list(client.pages("social_a", limit=7))

    assert joined(pages) == b",".join(items("social_a", DAYS[0]) + items("social_a", DAYS[2]))
