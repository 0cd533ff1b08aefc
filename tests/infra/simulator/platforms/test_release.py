"""Days are released one after the other; the notice of a change of schema comes with its day."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.support.platforms import DAYS, Client, items, joined

Serve = Callable[..., Client]


def test_nothing_of_a_later_day_is_served(serve: Serve) -> None:
    client = serve(through=DAYS[0])

    page = client.page("social_a", limit=7)

    assert page.items == b",".join(items("social_a", DAYS[0]))
    assert not page.has_more
    assert client.page("social_a", cursor=page.cursor).items == b""


def test_a_released_day_follows_where_the_last_one_ended(serve: Serve) -> None:
    client = serve(through=DAYS[0])
    end = client.page("social_b").cursor

    told = client.control(through=DAYS[1].isoformat()).json()

    assert told["through"] == DAYS[1].isoformat()
    assert client.page("social_b", cursor=end).items == b",".join(items("social_b", DAYS[1]))


def test_a_day_without_arrivals_may_be_released(serve: Serve) -> None:
    client = serve(through=date(2026, 3, 1))
    first = client.page("social_a")

    client.control(through="2026-03-04")

    assert first.items == b""
    two_days = items("social_a", DAYS[0]) + items("social_a", DAYS[1])
    assert joined(list(client.pages("social_a", cursor=first.cursor))) == b",".join(two_days)


def test_what_was_served_is_not_taken_back(serve: Serve) -> None:
    client = serve()
    client.page("social_a", limit=8)

    refused = client.control(through=DAYS[0].isoformat())

    assert refused.status_code == 400
    assert f"{DAYS[1]} was served already" in refused.text
    assert client.control(through=DAYS[1].isoformat()).status_code == 200


def test_a_cursor_behind_what_is_released_waits_for_more(serve: Serve) -> None:
    end = list(serve().pages("social_a"))[-1].cursor
    restarted = serve(through=DAYS[0])

    page = restarted.page("social_a", cursor=end)

    assert (page.items, page.cursor, page.has_more) == (b"", end, False)


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "20260302", "", None, 3])
def test_a_day_that_is_none_is_refused_with_the_remedy(serve: Serve, day: object) -> None:
    client = serve(through=DAYS[0])

    refused = client.control(through=day)

    assert refused.status_code == 400
    assert "YYYY-MM-DD" in refused.text
    assert client.control().json()["through"] == DAYS[0].isoformat()


def test_the_notice_stands_on_pages_from_its_day_on(serve: Serve, folder: Path) -> None:
    notice = {"from": DAYS[1].isoformat(), "renamed": {"clientVersion": "appVersion 版"}, "added": []}
    (folder / "api" / "social_b" / "notice.json").write_text(json.dumps(notice, indent=1, ensure_ascii=False))
    client = serve()

    pages = list(client.pages("social_b", limit=7))

    headers = [page.response.headers.get("X-Schema-Notice") for page in pages]
    assert headers[0] is None
    assert [json.loads(header) for header in headers[1:]] == [notice, notice]
    assert "X-Schema-Notice" not in client.page("social_a", limit=1000).response.headers


def test_an_empty_page_behind_the_notices_day_carries_it_too(serve: Serve, folder: Path) -> None:
    (folder / "api" / "social_b" / "notice.json").write_text(json.dumps({"from": DAYS[1].isoformat()}))
    client = serve()
    end = list(client.pages("social_b"))[-1].cursor

    assert "X-Schema-Notice" in client.page("social_b", cursor=end).response.headers
