import csv
import gzip
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_jobs.functions.count_records import count_records, is_readable
from spark_jobs.functions.csv_decode import CsvFormat, decode_object

PLAIN = CsvFormat(("a", "b"), ",", quoted_newlines=False)
MULTILINE = CsvFormat(("a", "b"), ",", quoted_newlines=True)
HEADLESS = CsvFormat(("a", "b"), ",", quoted_newlines=False, header=False)
REST = CsvFormat(("a", "b"), ",", quoted_newlines=False, header=False, rest=True)


def records(data: bytes, layout: CsvFormat = PLAIN) -> list[dict[str, Any]]:
    """Every record of an object, as the reader gives them."""
    return [row for batch in decode_object(data, layout) for row in batch.to_pylist()]


def only(data: bytes, layout: CsvFormat = PLAIN) -> dict[str, Any]:
    """The one record of an object."""
    (record,) = records(data, layout)
    return record


def test_a_sound_record_has_its_fields_its_place_and_no_problem() -> None:
    record = only(b"a,b\n1,x\n")

    assert (record["fields"], record["position"], record["problem"]) == ({"a": "1", "b": "x"}, 2, None)


def test_an_empty_field_is_null() -> None:
    assert only(b"a,b\n,x\n")["fields"] == {"a": None, "b": "x"}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"1", "wrong_field_count"),
        (b"1,2,3", "wrong_field_count"),
        (b'"1,2', "unbalanced_quote"),
        (b'1"2"3,4', "misplaced_quote"),
        (b"\xff,1", "invalid_utf8"),
        (b"a\x00,1", "nul_byte"),
        (b"a\rb,1", "bare_carriage_return"),
    ],
)
def test_a_broken_line_keeps_its_bytes_and_spares_its_neighbours(line: bytes, problem: str) -> None:
    before, broken, after = records(b"a,b\n1,x\n" + line + b"\n2,y\n")

    assert (broken["problem"], broken["original"], broken["position"]) == (problem, line, 3)
    assert (before["problem"], after["problem"]) == (None, None)


def test_a_quoted_newline_is_inside_a_field_where_the_source_says_so() -> None:
    assert only(b'a,b\n"1\n2",x\n', MULTILINE)["fields"] == {"a": "1\n2", "b": "x"}


@pytest.mark.parametrize("data", [b"a,b\r\n1,x\r\n", b"\xef\xbb\xbfa,b\n1,x", gzip.compress(b"a,b\n1,x\n", mtime=0)])
def test_crlf_byte_order_mark_and_gzip_do_not_matter(data: bytes) -> None:
    assert only(data)["fields"] == {"a": "1", "b": "x"}


def test_a_line_separator_of_unicode_is_text() -> None:
    assert only("a,b\n1,x\u2028y\n".encode())["fields"] == {"a": "1", "b": "x\u2028y"}


def test_a_cut_off_gzip_is_one_unreadable_record() -> None:
    record = only(gzip.compress(b"a,b\n" + b"1,x\n" * 1000)[:-9])

    assert (record["problem"], record["position"]) == ("unreadable_object", 0)


def test_a_missing_column_is_the_problem_of_every_record() -> None:
    assert [record["problem"] for record in records(b"a,c\n1,x\n2,y\n")] == ["missing_column", "missing_column"]


def test_an_unknown_column_is_kept() -> None:
    assert only(b"a,b,c\n1,x,new\n")["extra"] == [("c", "new")]


def test_without_a_header_the_first_line_is_a_record_and_fields_have_their_order() -> None:
    first, second = records(b"\xef\xbb\xbf1,x\r\n\n2,y\n", HEADLESS)

    assert (first["fields"], first["position"], first["original"]) == ({"a": "1", "b": "x"}, 1, b"1,x")
    assert (second["fields"], second["position"], second["extra"]) == ({"a": "2", "b": "y"}, 3, None)


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        (b"1,x", {"a": "1", "b": "x"}),
        (b"1,x,,y", {"a": "1", "b": "x,,y"}),
        (b"1", {"a": "1", "b": None}),
        (b"1,", {"a": "1", "b": None}),
        (b",x", {"a": None, "b": "x"}),
        (b'"1,2",x,"y"', {"a": "1,2", "b": 'x,"y"'}),
    ],
)
def test_the_last_column_takes_the_rest_of_a_record_as_it_is_written(line: bytes, fields: dict[str, object]) -> None:
    before, record, after = records(b"0,w\n" + line + b"\n2,y,z\n", REST)

    assert (record["fields"], record["problem"], record["original"]) == (fields, None, line)
    assert (before["fields"], after["fields"]) == ({"a": "0", "b": "w"}, {"a": "2", "b": "y,z"})


def test_a_record_that_ends_before_its_rest_has_too_few_fields() -> None:
    layout = CsvFormat(("a", "b", "c"), "\t", quoted_newlines=False, header=False, rest=True)

    whole, short, broken = records(b"1\t2\n1\n1\t2\t\xff\n", layout)

    assert whole["fields"] == {"a": "1", "b": "2", "c": None}
    assert [record["problem"] for record in (short, broken)] == ["wrong_field_count", "invalid_utf8"]


@pytest.mark.parametrize("data", [b"", b"a,b\n", b"a,b\n\n\n"])
def test_an_object_without_records_has_none(data: bytes) -> None:
    assert records(data) == []
    assert count_records(data, has_header=True) == 0


FIELD = st.text(st.sampled_from('ab,"\n é'), max_size=5)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.tuples(FIELD, FIELD), max_size=6), st.sampled_from(["\n", "\r\n"]))
def test_what_a_csv_writer_wrote_is_read_back(rows: list[tuple[str, str]], line_end: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows([("a", "b"), *rows])

    found = [record["fields"] for record in records(text.getvalue().encode(), MULTILINE)]

    assert found == [{"a": a or None, "b": b or None} for a, b in rows]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.binary(max_size=40).map(lambda tail: b"a,b\n" + tail), st.booleans())
def test_reader_and_independent_count_agree_on_any_bytes(data: bytes, quoted_newlines: bool) -> None:
    layout = CsvFormat(("a", "b"), ",", quoted_newlines)

    assert len(records(data, layout)) == count_records(data, has_header=True, quoted_newlines=quoted_newlines)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.binary(max_size=40), st.booleans(), st.sampled_from([HEADLESS, REST]))
def test_they_agree_on_what_has_no_header(data: bytes, quoted_newlines: bool, layout: CsvFormat) -> None:
    found = records(data, replace(layout, quoted_newlines=quoted_newlines))

    assert len(found) == count_records(data, has_header=False, quoted_newlines=quoted_newlines)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.text(st.sampled_from('1 ,"\té'), max_size=6), max_size=5))
def test_what_a_record_has_besides_its_rest_is_read_as_if_it_had_none(lines: list[str]) -> None:
    """Of sound records whose first field is the same, whatever their rest is."""
    data = "".join(f'"x,"",y",{line}\n' for line in lines).encode()

    sound = [record for record in records(data, REST) if record["problem"] is None]

    assert all(record["fields"]["a"] == 'x,",y' for record in sound)
    rests = [record["fields"]["b"] or "" for record in sound]
    assert [f'"x,"",y",{rest}'.encode() for rest in rests] == [record["original"] for record in sound]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.binary(max_size=8).filter(lambda line: b"\n" not in line and b"\r" not in line), max_size=6))
def test_no_byte_of_a_bad_record_is_lost(lines: list[bytes]) -> None:
    data = b"a,b\n" + b"\n".join(lines) + b"\n"

    assert [record["original"] for record in records(data)] == [line for line in lines if line]


def test_an_object_is_readable_or_one_record(tmp_path: Path) -> None:
    cut = gzip.compress(b"a,b\n" + b"1,x\n" * 1000)[:-9]

    assert (is_readable(cut, has_header=True), count_records(cut, has_header=True)) == (False, 1)
    assert is_readable(b"a,b\n1,x\n", has_header=True)
