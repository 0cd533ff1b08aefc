import gzip
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from spark_jobs.functions.count_items import count_items, is_page
from spark_jobs.functions.json_decode import decode_page
from spark_jobs.functions.json_line import LineError
from spark_jobs.functions.json_page import NOT_A_PAGE, read_page
from spark_jobs.functions.wire_column import WireColumn

COLUMNS = (WireColumn("id", "id"), WireColumn("pieces", "data.pieces", "integer"))
PATH = "result.items"


def page(*items: bytes) -> bytes:
    return b'{"code":0,"result":{"items":[' + b",".join(items) + b'],"nextCursor":"c1","hasMore":true}}'


def records(data: bytes, path: str = PATH) -> list[dict[str, Any]]:
    return [row for batch in decode_page(data, COLUMNS, path) for row in batch.to_pylist()]


def test_each_item_is_a_record_at_its_place_with_its_own_bytes() -> None:
    first, second = records(page(b'{"id":"1","data":{"pieces":3}}', b' {"id" : "2", "new": [1, 2]}\n'))

    assert (first["position"], first["fields"]) == (1, {"id": "1", "pieces": "3"})
    assert (second["position"], second["original"]) == (2, b'{"id" : "2", "new": [1, 2]}')
    assert dict(second["extra"]) == {"new": "[1,2]"}


@pytest.mark.parametrize("data", [page(), page(b" \n")])
def test_a_page_without_items_has_no_records(data: bytes) -> None:
    assert records(data) == []
    assert (count_items(data, path=PATH), is_page(data, path=PATH)) == (0, True)


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        (b'{"id":1}', "wrong_type"),
        (b'{"ID":"1"}', "wrong_case_key"),
        (b'{"id":"1","id":"2"}', "duplicate_key"),
        (b'{"id":"a\\u0000b"}', "nul_character"),
        (b'{"x":' + b"[" * 1500 + b"]" * 1500 + b"}", "too_deep"),
        (b'{"x":"\xc3\x28"}', "invalid_utf8"),
        (b'{"x":{]}', "invalid_json"),
        (b"", "invalid_json"),
        (b"nothing", "invalid_json"),
        (b'[{"id":"1"}]', "not_an_object"),
        (b"{} {}", "trailing_data"),
    ],
)
def test_a_broken_item_keeps_its_bytes_and_spares_its_neighbours(item: bytes, problem: str) -> None:
    data = page(b'{"id":"1"}', item, b'{"id":"2"}')

    before, broken, after = records(data)

    assert (broken["problem"], broken["original"], broken["position"]) == (problem, item, 2)
    assert (before["problem"], after["problem"]) == (None, None)
    assert count_items(data, path=PATH) == 3


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>busy</html>",
        b'{"code":0,"result":null}',
        b'{"code":0,"result":{"items":{}}}',
        b'{"items":[{"id":"1"}]}',
        b'[{"result":{"items":[]}}]',
        page(b"{}")[:-2],
        page(b"{}") + b"{}",
        page(b"{}").replace(b'"code":0', b'"code":NaN'),
        page(b"{}").replace(b'"code":0', b'"result":{"items":[1,2]}'),
        page(b"{}").replace(b'"code":0', b'"code":"\\u0000"'),
        page(b"{}").replace(b'"code":0', b'"code":' + b"[" * 80 + b"]" * 80),
        page(b"{}}"),
        page(b'{"id":"1}'),
        gzip.compress(page(b"{}"), mtime=0)[:-9],
    ],
)
def test_what_is_no_such_page_is_one_record_with_all_its_bytes(data: bytes) -> None:
    (record,) = records(data)

    assert (record["position"], record["original"]) == (0, data)
    assert record["problem"] in {"not_a_page", "unreadable_object"}
    assert (count_items(data, path=PATH), is_page(data, path=PATH)) == (1, False)


@pytest.mark.parametrize("path", ["data", "result.items", "a.b.c"])
def test_the_list_stands_where_the_path_says_and_its_like_elsewhere_is_none(path: str) -> None:
    keys = path.split(".")
    listed: Any = [{"id": "1"}, {"id": "2"}]
    for key in reversed(keys):
        listed = {f"x{key}": [0], "text": f'"{key}":[', "other": [{key: [1, 2, 3]}], key: listed}
    data = json.dumps(listed).encode()

    assert [record["fields"]["id"] for record in records(data, path)] == ["1", "2"]
    assert count_items(data, path=path) == 2


def test_gzip_and_a_byte_order_mark_do_not_matter() -> None:
    for data in (gzip.compress(page(b'{"id":"1"}')), b"\xef\xbb\xbf" + page(b'{"id":"1"}')):
        assert [record["fields"]["id"] for record in records(data)] == ["1"]
        assert count_items(data, path=PATH) == 1


@settings(max_examples=300, deadline=None)
@example(items=[b"", b'"', b'"\\'], cut=0)
@given(
    items=st.lists(st.binary(max_size=12) | st.sampled_from([b'{"id":"1"}', b"[1,2]", b'"a,b"', b'"\\""', b"{", b"]"])),
    cut=st.integers(0, 200),
)
def test_the_independent_count_is_the_readers_whatever_the_bytes(items: list[bytes], cut: int) -> None:
    for data in (page(*items), page(*items)[:cut]):
        assert count_items(data, path=PATH) == len(records(data))


def test_what_is_larger_than_a_page_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b'{"data": [1, 2]}'
    for module in ("json_page", "count_items"):
        monkeypatch.setattr(f"spark_jobs.functions.{module}.LARGEST_PAGE_BYTES", len(data))
    fits = count_items(data, path="data"), len(read_page(data, "data").items)
    larger = data + b" "

    assert fits == (2, 2)
    assert not is_page(larger, path="data")
    with pytest.raises(LineError, match=NOT_A_PAGE):
        read_page(larger, "data")


def test_counting_takes_a_bounded_multiple_of_the_page() -> None:
    data = b'{"data": [' + b"[]," * (1 << 19) + b"0]}"
    tracemalloc.start()
    try:
        count = count_items(data, path="data")
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert count == (1 << 19) + 1
    assert peak_bytes < 18 * len(data)
