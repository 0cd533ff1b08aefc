import gzip
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_jobs.functions.count_records import count_records, is_readable
from spark_jobs.functions.json_decode import BATCH_BYTES, decode_object
from spark_jobs.functions.json_line import LONGEST_LINE_BYTES
from spark_jobs.functions.record_batches import BYTES_KEPT
from spark_jobs.functions.wire_column import WireColumn

COLUMNS = (
    WireColumn("id", "id"),
    WireColumn("pieces", "data.pieces", "integer"),
    WireColumn("weight", "data.weight", "number"),
    WireColumn("is_gift", "data.is_gift", "boolean"),
)
CUT = gzip.compress(b'{"id":"1"}\n' * 1000)[:-9]


def records(data: bytes) -> list[dict[str, Any]]:
    """Every record of an object, as the reader gives them."""
    return [row for batch in decode_object(data, COLUMNS) for row in batch.to_pylist()]


def only(data: bytes) -> dict[str, Any]:
    """The one record of an object."""
    (record,) = records(data)
    return record


def test_a_sound_line_has_its_declared_fields_as_texts_its_place_and_no_problem() -> None:
    record = only(b'{"id":"1","data":{"pieces":3,"weight":2.50,"is_gift":true}}\n')

    assert record["fields"] == {"id": "1", "pieces": "3", "weight": "2.50", "is_gift": "true"}
    assert (record["position"], record["problem"], record["extra"]) == (1, None, None)


@pytest.mark.parametrize("line", [b"{}", b'{"id":null,"data":null}', b'{"data":{"pieces":null}}'])
def test_what_is_absent_or_null_is_null(line: bytes) -> None:
    assert set(only(line)["fields"].values()) == {None}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b'{"id":"1"', "invalid_json"),
        (b"nothing", "invalid_json"),
        (b" ", "invalid_json"),
        (b'{"id":NaN}', "invalid_json"),
        (b'{"x":-Infinity}', "invalid_json"),
        (b'{"x":"\\ud83d"}', "invalid_json"),
        (b'{"\\uDE00":1}', "invalid_json"),
        (b'{"x":' + b"1" * 5000 + b"}", "invalid_json"),
        (b'{"x":"a\tb"}', "invalid_json"),
        (b'{"id":"1"}{"id":"2"}', "trailing_data"),
        (b'{"id":"1"}\r{"id":"2"}', "trailing_data"),
        (b'{"id":"1","id":"1"}', "duplicate_key"),
        (b'{"x":[{"y":{"a":1,"\\u0061":2}}]}', "duplicate_key"),
        (b"3", "not_an_object"),
        (b"null", "not_an_object"),
        (b'[{"id":"1"}]', "not_an_object"),
        (b'{"ID":"1"}', "wrong_case_key"),
        (b'{"id":"1","Data":{}}', "wrong_case_key"),
        (b'{"data":{"Pieces":3}}', "wrong_case_key"),
        (b'{"id":1}', "wrong_type"),
        (b'{"id":{"a":1}}', "wrong_type"),
        (b'{"data":{"pieces":2.0}}', "wrong_type"),
        (b'{"data":{"pieces":2e3}}', "wrong_type"),
        (b'{"data":{"pieces":"3"}}', "wrong_type"),
        (b'{"data":{"pieces":true}}', "wrong_type"),
        (b'{"data":{"weight":"2.5"}}', "wrong_type"),
        (b'{"data":{"is_gift":1}}', "wrong_type"),
        (b'{"data":"text"}', "wrong_type"),
        (b'{"x":' + b"[" * 64 + b"]" * 64 + b"}", "too_deep"),
        (b"[" * 100_000, "too_deep"),
        (b'{"x":"' + b"a" * LONGEST_LINE_BYTES + b'"}', "too_long"),
        (b'{"id":"\xc4\xe3"}', "invalid_utf8"),
        (b'{"id":"a\x00b"}', "nul_character"),
        (b'{"id":"a\\u0000b"}', "nul_character"),
        (b'{"x":{"\\u0000":1}}', "nul_character"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_broken_line_keeps_its_bytes_and_spares_its_neighbours(line: bytes, problem: str) -> None:
    before, broken, after = records(b'{"id":"1"}\n' + line + b'\n{"id":"2"}\n')

    assert (broken["problem"], broken["original"], broken["position"]) == (problem, line, 2)
    assert (broken["fields"], broken["extra"]) == (None, None)
    assert (before["problem"], after["problem"]) == (None, None)


@pytest.mark.parametrize(
    "line",
    [
        b'{"id":"1","x":' + b"[" * 63 + b"]" * 63 + b"}",
        b'{"id":"1","x":"' + b"[" * 100 + b'"}',
        b'{"id":"1","x":[' + b"{}," * 100 + b"{}]}",
        b'{"id":"1","x":"\\ud83d\\ude00"}',
        b'{"id":"1","x":"\\\\u0000"}',
        '{"id":"1","x":"\u2028"}'.encode(),
        b' {"id" : "1" } \t',
    ],
)
def test_what_only_looks_broken_is_sound(line: bytes) -> None:
    record = only(line)

    assert (record["problem"], record["fields"]["id"]) == (None, "1")


def test_a_number_is_handed_on_as_it_was_written() -> None:
    fields = only(b'{"data":{"pieces":-0,"weight":1.10E+2}}')["fields"]

    assert (fields["pieces"], fields["weight"]) == ("-0", "1.10E+2")
    assert only(b'{"data":{"weight":12345678901234567890}}')["fields"]["weight"] == "12345678901234567890"


def test_unknown_keys_are_kept_under_their_path_as_json() -> None:
    line = '{"id":"1","x":{"y":[1.50,"é",null,true]},"data":{"new":"a"},"p.q":1,"p":{"q":2},"a\\"b":3}'

    assert dict(only(line.encode())["extra"]) == {
        "x": '{"y":[1.50,"é",null,true]}',
        "data.new": '"a"',
        '"p.q"': "1",
        "p": '{"q":2}',
        '"a\\"b"': "3",
    }


@pytest.mark.parametrize("data", [b'{"id":"1"}\r\n', b'\xef\xbb\xbf{"id":"1"}', gzip.compress(b'{"id":"1"}', mtime=0)])
def test_crlf_byte_order_mark_and_gzip_do_not_matter(data: bytes) -> None:
    record = only(data)

    assert (record["fields"]["id"], record["original"]) == ("1", b'{"id":"1"}')


def test_blank_lines_are_counted_and_are_no_records() -> None:
    assert [record["position"] for record in records(b'\n\r\n{"id":"1"}\n\n{"id":"2"}')] == [3, 5]


def test_a_byte_order_mark_inside_is_no_json() -> None:
    assert [record["problem"] for record in records(b'{}\n\xef\xbb\xbf{"id":"1"}\n')] == [None, "invalid_json"]


def test_a_cut_off_gzip_is_one_unreadable_record() -> None:
    record = only(CUT)

    assert (record["problem"], record["position"], record["original"]) == ("unreadable_object", 0, CUT)


def test_of_a_huge_line_the_first_bytes_are_kept() -> None:
    record = only(b'{"x":"' + b"a" * (BYTES_KEPT + 10) + b'"}\n')

    assert (record["problem"], len(record["original"])) == ("too_long", BYTES_KEPT)


def test_a_large_object_comes_in_several_batches() -> None:
    line = b'{"id":"' + b"a" * 1000 + b'"}\n'
    count = 2 * BATCH_BYTES // len(line) + 1

    batches = list(decode_object(line * count, COLUMNS))

    assert len(batches) == 2
    assert sum(batch.num_rows for batch in batches) == count


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=6)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3))
DECLARED = {"id", "data"}
KEYS = TEXT.filter(lambda key: key.casefold() not in DECLARED and "." not in key and '"' not in key)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(TEXT | st.none(), st.integers() | st.none(), st.dictionaries(KEYS, VALUES, max_size=3)), max_size=5
    ),
    st.booleans(),
    st.sampled_from(["\n", "\r\n", "\n\n"]),
)
def test_what_a_json_writer_wrote_is_read_back(
    written: list[tuple[str | None, int | None, dict[str, Any]]], ascii_only: bool, line_end: str
) -> None:
    objects = [{**unknown, "id": id_, "data": {"pieces": pieces}} for id_, pieces, unknown in written]
    lines = [json.dumps(content, ensure_ascii=ascii_only).encode() for content in objects]

    found = records(b"".join(line + line_end.encode() for line in lines))

    assert [record["problem"] for record in found] == [None] * len(lines)
    assert [record["original"] for record in found] == lines
    assert [record["position"] for record in found] == [1 + n * line_end.count("\n") for n in range(len(lines))]
    assert [record["fields"]["id"] for record in found] == [id_ for id_, _, _ in written]
    assert [record["fields"]["pieces"] for record in found] == [
        None if pieces is None else str(pieces) for _, pieces, _ in written
    ]
    extras = [{key: json.loads(text) for key, text in record["extra"] or ()} for record in found]
    assert extras == [unknown for _, _, unknown in written]


LOOKALIKES = st.lists(
    st.sampled_from([b"{", b"}", b"[", b'"', b"\\", b"\n", b"\r", b"\xef\xbb\xbf", b"\x00", b"1", b"\xff"])
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.binary(max_size=40) | LOOKALIKES.map(b"".join))
def test_reader_and_independent_count_agree_on_any_bytes(data: bytes) -> None:
    assert len(records(data)) == count_records(data, has_header=False)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.binary(max_size=8).filter(lambda line: b"\n" not in line and b"\r" not in line), max_size=6))
def test_no_byte_of_a_bad_record_is_lost(lines: list[bytes]) -> None:
    data = b"\n" + b"\n".join(lines) + b"\n"

    assert [record["original"] for record in records(data)] == [line for line in lines if line]


@pytest.mark.parametrize(
    ("data", "readable", "count"),
    [(CUT, False, 1), (b"", True, 0), (b"\n\n", True, 0), (b"\xff\x00\n{}\n", True, 2)],
    ids=["cut off", "empty", "blank", "dirty first line"],
)
def test_without_a_header_an_object_is_readable_if_it_decompresses(data: bytes, readable: bool, count: int) -> None:
    assert is_readable(data, has_header=False) is readable
    assert count_records(data, has_header=False) == count
    assert len(records(data)) == count
