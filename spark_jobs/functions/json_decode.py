"""A JSON object to Arrow batches: sound records parsed, bad ones with a reason, all with their bytes.

stored bytes ─▶ unpack ─▶ lines or items of a page ─▶ PlainReader, its Remainder ───▶ batches
                                                         └─ not plain ─▶ LineParser ─▶ DeclaredFields ─┘
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spark_jobs.functions.json_fields import DeclaredFields, Taken
from spark_jobs.functions.json_line import LONGEST_LINE_BYTES, LineError, LineParser
from spark_jobs.functions.json_page import BYTE_ORDER_MARK, read_page
from spark_jobs.functions.json_plain import PlainReader
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
LINE_FEED, CARRIAGE_RETURN = b"\n", b"\r"


class Lines(NamedTuple):
    """Lines that are not blank, or items of a page: where each stands, and its own bytes, of a huge one the first."""

    positions: np.ndarray
    originals: list[bytes]


class Judged(NamedTuple):
    """A line that is not plain: `taken` is None where there is a problem."""

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
    yield from _decoded(_runs(items), columns)


def _fields(columns: Sequence[WireColumn]) -> pa.DataType:
    return fields_type([column.name for column in columns])


def _decoded(runs: Iterator[Lines], columns: Sequence[WireColumn]) -> Iterator[pa.RecordBatch]:
    """Read lines run by run."""
    fields, plain, parser, declared = _fields(columns), PlainReader(columns), LineParser(), DeclaredFields(columns)
    for run in runs:
        yield _batch(run, fields, plain, lambda line: _judged(line, parser, declared))


def _lines(data: bytes) -> Iterator[Lines]:
    """Split at every LF or CRLF, in runs of about BATCH_BYTES; blank lines are counted and left out."""
    start, position = len(BYTE_ORDER_MARK) if data.startswith(BYTE_ORDER_MARK) else 0, 1
    while start < len(data):
        line_feed = data.find(LINE_FEED, start + BATCH_BYTES)
        end = line_feed if line_feed >= 0 else len(data)
        # Only the last line can reach beyond that, and of it no more is kept.
        lines = data[start : min(end, start + BATCH_BYTES + BYTES_KEPT + 1)].split(LINE_FEED)
        originals = [line.removesuffix(CARRIAGE_RETURN)[:BYTES_KEPT] for line in lines]
        is_filled = np.fromiter(map(bool, originals), np.bool_, len(originals))
        if is_filled.any():
            yield Lines(position + np.flatnonzero(is_filled), list(filter(None, originals)))
        start, position = end + 1, position + len(lines)


def _runs(items: Sequence[bytes]) -> Iterator[Lines]:
    """Gather items into runs of about BATCH_BYTES."""
    sizes = np.cumsum([len(item) for item in items])
    for places in np.split(np.arange(len(items)), np.flatnonzero(np.diff(sizes // BATCH_BYTES)) + 1):
        if places.size:
            yield Lines(places + 1, [items[place][:BYTES_KEPT] for place in places])


def _judged(line: bytes, parser: LineParser, declared: DeclaredFields) -> Judged:
    """Read one line."""
    if len(line) > LONGEST_LINE_BYTES:
        return Judged(TOO_LONG, None)
    try:
        return Judged(None, declared.take(parser.parse(line)))
    except LineError as error:
        return Judged(str(error), None)


def _batch(run: Lines, fields: pa.DataType, plain: PlainReader, judge: Callable[[bytes], Judged]) -> pa.RecordBatch:
    """Put the columns of a run of records together."""
    originals = pa.array(run.originals, pa.binary())
    texts, is_plain, beside = plain.read(run.originals, originals)
    others = np.flatnonzero(~is_plain)
    judged = [judge(run.originals[place]) for place in others]
    doubtful = pa.array(~is_plain)

    def with_others(column: pa.Array, values: Iterable[object]) -> pa.Array:
        return pc.replace_with_mask(column, doubtful, pa.array(values, column.type)) if judged else column

    size = len(run.originals)
    texts = [
        with_others(text, [one.taken.fields[index] if one.taken else None for one in judged])
        for index, text in enumerate(texts)
    ]
    unsound = with_others(pa.array(np.zeros(size, np.bool_)), [one.taken is None for one in judged])
    beside |= {place: one.taken.extra for place, one in zip(others.tolist(), judged, strict=True) if one.taken}
    columns = [
        pa.array(run.positions, pa.int64()),
        originals,
        with_others(pa.nulls(size, pa.string()), [one.problem for one in judged]),
        pa.StructArray.from_arrays(texts, fields=list(fields), mask=unsound),
        pa.array([beside.get(place) or None for place in range(size)], EXTRA_TYPE),
    ]
    return pa.RecordBatch.from_arrays(columns, names=COLUMNS)
