"""A JSON object to Arrow batches: sound records parsed, bad ones with a reason, all with their bytes.

stored bytes ─▶ unpack ─▶ lines or items of a page ─▶ LineParser ─▶ DeclaredFields ─▶ batches
"""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import NamedTuple

import pyarrow as pa

from spark_jobs.functions.json_fields import DeclaredFields, Taken
from spark_jobs.functions.json_line import LineError, LineParser
from spark_jobs.functions.json_page import BYTE_ORDER_MARK, read_page
from spark_jobs.functions.object_bytes import unpack
from spark_jobs.functions.record_batches import (
    BATCH_BYTES,
    BYTES_KEPT,
    COLUMNS,
    EXTRA_TYPE,
    fields_type,
    unreadable_object,
)
from spark_jobs.functions.wire_column import WireColumn

TOO_LONG = "too_long"
LONGEST_LINE = 1 << 20
LINE_FEED, CARRIAGE_RETURN = b"\n", b"\r"


class Line(NamedTuple):
    """A line that is not blank, or an item of a page: where it stands, and its own bytes, of a huge one the first."""

    position: int
    original: bytes


class Record(NamedTuple):
    """A line and what is in it: `taken` is None where there is a problem."""

    line: Line
    problem: str | None
    taken: Taken | None


def decode_object(stored: bytes, columns: Sequence[WireColumn]) -> Iterator[pa.RecordBatch]:
    """Decode the stored bytes of one object: position, original, problem, fields, extra; a row per record, in order."""
    data = unpack(stored)
    if data is None:
        yield unreadable_object(stored, _fields(columns))
    else:
        yield from _decoded(_lines(data), columns)


def decode_page(stored: bytes, columns: Sequence[WireColumn], path: str) -> Iterator[pa.RecordBatch]:
    """Decode a page whose items stand at a dotted path, as `decode_object` does the lines of an object.

    What is no such page is one record at position 0.
    """
    data = unpack(stored)
    if data is None:
        yield unreadable_object(stored, _fields(columns))
        return
    try:
        items = read_page(data, path).items
    except LineError as error:
        yield unreadable_object(stored, _fields(columns), str(error))
        return
    yield from _decoded((Line(place, item[:BYTES_KEPT]) for place, item in enumerate(items, start=1)), columns)


def _fields(columns: Sequence[WireColumn]) -> pa.DataType:
    return fields_type([column.name for column in columns])


def _decoded(lines: Iterator[Line], columns: Sequence[WireColumn]) -> Iterator[pa.RecordBatch]:
    """Read lines, in batches of about BATCH_BYTES."""
    fields, parser, declared = _fields(columns), LineParser(), DeclaredFields(columns)
    for run in _runs(lines):
        yield _batch([_record(line, parser, declared) for line in run], fields)


def _lines(data: bytes) -> Iterator[Line]:
    """Split at every LF or CRLF; blank lines are counted and left out."""
    start = len(BYTE_ORDER_MARK) if data.startswith(BYTE_ORDER_MARK) else 0
    for position in count(1):
        if start >= len(data):
            return
        line_feed = data.find(LINE_FEED, start)
        line_end = line_feed if line_feed >= 0 else len(data)
        end = line_end - data.endswith(CARRIAGE_RETURN, start, line_end)
        if end > start:
            yield Line(position, data[start : min(end, start + BYTES_KEPT)])
        start = line_end + 1


def _runs(lines: Iterator[Line]) -> Iterator[list[Line]]:
    """Gather lines into runs of about BATCH_BYTES."""
    run: list[Line] = []
    size = 0
    for line in lines:
        run.append(line)
        size += len(line.original)
        if size >= BATCH_BYTES:
            yield run
            run, size = [], 0
    if run:
        yield run


def _record(line: Line, parser: LineParser, declared: DeclaredFields) -> Record:
    """Read one line."""
    if len(line.original) > LONGEST_LINE:
        return Record(line, TOO_LONG, None)
    try:
        return Record(line, None, declared.take(parser.parse(line.original)))
    except LineError as error:
        return Record(line, str(error), None)


def _batch(records: list[Record], fields: pa.DataType) -> pa.RecordBatch:
    """Put the columns of a run of records together."""
    texts = [
        pa.array([record.taken.fields[index] if record.taken else None for record in records], pa.string())
        for index in range(fields.num_fields)
    ]
    unsound = pa.array([record.taken is None for record in records], pa.bool_())
    columns = [
        pa.array([record.line.position for record in records], pa.int64()),
        pa.array([record.line.original for record in records], pa.binary()),
        pa.array([record.problem for record in records], pa.string()),
        pa.StructArray.from_arrays(texts, fields=list(fields), mask=unsound),
        pa.array([(record.taken.extra or None) if record.taken else None for record in records], EXTRA_TYPE),
    ]
    return pa.RecordBatch.from_arrays(columns, names=COLUMNS)
