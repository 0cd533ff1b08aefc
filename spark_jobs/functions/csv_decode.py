"""One delimited text object to Arrow batches: sound records parsed, bad ones with a reason, all with their bytes.

stored bytes ─▶ unpack ─▶ split_records ─▶ header ─▶ find_problems ─▶ parse the sound bytes ─▶ batches
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
from numpy.typing import NDArray

from spark_jobs.functions.csv_spans import (
    BYTE_ORDER_MARK,
    MISPLACED_QUOTE,
    PROBLEMS,
    Codes,
    IntArray,
    Spans,
    cut_off_rest,
    find_problems,
    mark_wrong_field_counts,
    split_records,
)
from spark_jobs.functions.object_bytes import unpack
from spark_jobs.functions.record_batches import BATCH_BYTES, COLUMNS, EXTRA_TYPE, fields_type, unreadable_object

MISSING_COLUMN = "missing_column"
DUPLICATE_COLUMN = "duplicate_column"


@dataclass(frozen=True)
class CsvFormat:
    """How the objects of a source are written: declared columns, one-character delimiter, newlines inside quotes.

    Without `header` the fields of a record are the columns in their order. With `rest`, which needs that, the last of
    them is whatever follows the others, any number of fields as they are written, or nothing.
    """

    columns: tuple[str, ...]
    delimiter: str
    quoted_newlines: bool
    header: bool = True
    rest: bool = False

    @property
    def fields_type(self) -> pa.DataType:
        """The struct of the declared columns, all strings."""
        return fields_type(self.columns)


def decode_object(stored: bytes, layout: CsvFormat) -> Iterator[pa.RecordBatch]:
    """Decode the stored bytes of one object: position, original, problem, fields, extra; a row per record, in order."""
    data = unpack(stored)
    spans = _split(data, layout) if data is not None else None
    codes = find_problems(spans, layout.delimiter) if spans is not None else None
    if spans is None or codes is None or _header_is_unreadable(codes):
        yield unreadable_object(stored, layout.fields_type)
        return
    header = _header_names(spans, layout.delimiter)
    problem = _header_problem(header, layout.columns)
    for first, last in _batch_bounds(spans):
        records = spans.part(first, last)
        if problem:
            count = len(records)
            yield _batch(records, pa.repeat(problem, count), pa.nulls(count, layout.fields_type), _as_maps({}, count))
        else:
            yield _parse(records, codes[first:last], header, layout)


def _split(data: bytes, layout: CsvFormat) -> Spans:
    """Split an object into its records, the header first; one that has none is given that of its columns."""
    if layout.header:
        return split_records(data, quoted_newlines=layout.quoted_newlines)
    header = io.StringIO()
    csv.writer(header, delimiter=layout.delimiter, lineterminator="\n").writerow(layout.columns)
    headed = header.getvalue().encode() + data.removeprefix(BYTE_ORDER_MARK)
    spans = split_records(headed, quoted_newlines=layout.quoted_newlines)
    return replace(spans, lines=spans.lines - 1)


def _header_is_unreadable(codes: Codes) -> bool:
    """Tell whether the first record is so damaged that no delimiter helps; an object without records is readable."""
    return len(codes) > 0 and PROBLEMS[codes[0]] not in (None, MISPLACED_QUOTE)


def _header_names(spans: Spans, delimiter: str) -> list[str]:
    """Return the column names in the first record; none where its quotes are not where the format wants them."""
    if len(spans) == 0:
        return []
    text = spans.data[spans.starts[0] : spans.ends[0]].decode("utf-8")
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        return []


def _header_problem(header: list[str], columns: tuple[str, ...]) -> str | None:
    """Return why no record below this header can be read, if so."""
    if not set(columns) <= set(header):
        return MISSING_COLUMN
    return DUPLICATE_COLUMN if len(set(header)) < len(header) else None


def _batch_bounds(spans: Spans) -> Iterator[tuple[int, int]]:
    """Cut the records after the header into runs of about BATCH_BYTES."""
    if len(spans) < 2:
        return
    cuts = np.searchsorted(spans.starts, np.arange(spans.starts[1], spans.ends[-1], BATCH_BYTES))
    bounds = np.unique(np.append(cuts, len(spans)))
    yield from zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)


def _parse(records: Spans, codes: Codes, header: list[str], layout: CsvFormat) -> pa.RecordBatch:
    """Parse the sound records, and put those that are not back between them."""
    columns = _columns_and_rest(records, codes, layout) if layout.rest else _columns(records, codes, header, layout)
    declared = [columns[header.index(name)] for name in layout.columns]
    extra = {name: columns[place] for place, name in enumerate(header) if name not in layout.columns}
    fields = pa.StructArray.from_arrays(declared, fields=list(layout.fields_type))
    problems = pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(PROBLEMS, pa.string())).dictionary_decode()
    return _batch(records, problems, _spread(fields, codes == 0), _spread(_as_maps(extra, len(fields)), codes == 0))


def _columns(records: Spans, codes: Codes, header: list[str], layout: CsvFormat) -> list[pa.Array]:
    """Parse the sound records; only where one has a field too many or too few are the delimiters of all counted."""
    try:
        return _read_columns(_sound_bytes(records, codes == 0), len(header), layout.delimiter)
    except pa.ArrowInvalid:
        mark_wrong_field_counts(codes, records, layout.delimiter, len(header))
        return _read_columns(_sound_bytes(records, codes == 0), len(header), layout.delimiter)


def _columns_and_rest(records: Spans, codes: Codes, layout: CsvFormat) -> list[pa.Array]:
    """Parse all columns of the sound records but the last, which is cut off as it is written."""
    fields = len(layout.columns) - 1
    cuts = cut_off_rest(codes, records, layout.delimiter, fields)
    sound = codes == 0
    starts, cuts, ends = records.starts[sound], cuts[sound], records.ends[sound]
    rest = _slices(records.data, np.minimum(cuts + 1, ends), ends)
    # Each gets an empty field at its end, since a record of one empty field alone would be a blank line.
    lines = pc.binary_join_element_wise(_slices(records.data, starts - 1, cuts), b"", layout.delimiter.encode())
    content = pa.py_buffer(b"".join(lines.to_pylist()))
    parsed = _read_columns(content, fields + 1, layout.delimiter)[:fields]
    return [*parsed, pc.if_else(pc.equal(rest, b""), None, rest).cast(pa.string())]


def _sound_bytes(records: Spans, sound: NDArray[np.bool_]) -> pa.Buffer:
    """Return the bytes of the sound records, uncopied if all are.

    Each comes with the line feed before it rather than the one after it, so that the first byte of a run is never taken
    for a byte order mark and dropped.
    """
    if sound.all():
        first = int(records.starts[0]) - 1
        return pa.py_buffer(records.data).slice(first, int(records.ends[-1]) - first)
    return _slices(records.data, records.starts[sound] - 1, records.ends[sound]).buffers()[2]


def _read_columns(content: pa.Buffer, fields: int, delimiter: str) -> list[pa.Array]:
    """Parse records into an array of strings per field; raises ArrowInvalid where a record has more or fewer."""
    names = [str(place) for place in range(fields)]
    if content.size == 0:
        return [pa.array([], pa.string())] * len(names)
    table = arrow_csv.read_csv(
        pa.BufferReader(content),
        read_options=arrow_csv.ReadOptions(use_threads=False, block_size=content.size + 1, column_names=names),
        parse_options=arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), null_values=[""], strings_can_be_null=True, check_utf8=False
        ),
    )
    return [column.chunk(0) for column in table.combine_chunks().columns]


def _as_maps(extra: dict[str, pa.Array], rows: int) -> pa.Array:
    """Turn columns the contract does not declare into a map per row; null where the object has none."""
    if not extra or not rows:
        return pa.nulls(rows, EXTRA_TYPE)
    width = len(extra)
    names = pa.array(extra).take(np.tile(np.arange(width), rows))
    values = pa.concat_arrays(extra.values()).take(np.arange(width * rows).reshape(width, rows).T.ravel())
    return pa.MapArray.from_arrays(np.arange(0, width * rows + 1, width, dtype=np.int32), names, values)


def _spread(parsed: pa.Array, sound: NDArray[np.bool_]) -> pa.Array:
    """Put the rows of the sound records back in their places, null between them."""
    if len(parsed) == len(sound):
        return parsed
    return parsed.take(pa.array(np.cumsum(sound) - 1, mask=~sound))


def _slices(data: bytes, starts: IntArray, ends: IntArray) -> pa.Array:
    """Return data[start:end] of each pair, copied once: a binary array over `data` holds them and the gaps between."""
    offsets = np.append(np.column_stack((starts, ends)).ravel(), len(data)).astype(np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    pieces = pa.Array.from_buffers(pa.binary(), 2 * len(starts), buffers)
    return pieces.take(np.arange(0, 2 * len(starts), 2))


def _batch(records: Spans, problems: pa.Array, fields: pa.Array, extra: pa.Array) -> pa.RecordBatch:
    """Put the columns of a run of records together."""
    originals = _slices(records.data, records.starts, records.ends)
    columns = [pa.array(records.lines, pa.int64()), originals, problems, fields, extra]
    return pa.RecordBatch.from_arrays(columns, names=COLUMNS)
