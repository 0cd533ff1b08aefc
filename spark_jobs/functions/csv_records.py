"""Delimited text objects as records: every physical record is kept, sound ones parsed, bad ones with their bytes.

Strict RFC 4180, judged on bytes, so that nothing is guessed, padded or dropped. LF and CRLF end a record, a byte order
mark is skipped, blank lines are no records, an empty field is null.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.types import (
    BinaryType,
    LongType,
    MapType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from spark_jobs.functions.csv_decode import CsvFormat, decode_object
from spark_jobs.functions.object_bytes import read_object


def read_csv_records(objects: DataFrame, *, columns: Sequence[str], delimiter: str, quoted_newlines: bool) -> DataFrame:
    """Read every physical record of CSV objects; gzip is known by its first bytes.

    `objects`: object_sha256, object_name, path, received_at. Returns a row per record: object_sha256, object_name,
    received_at, position (physical line, 1-based; 0 for an unreadable object), original (its bytes without line end),
    problem (null or a reason), fields (struct of `columns`, strings; null with a problem) and extra (the columns not in
    `columns`; null if none). An object that cannot be read at all is one record. The objects are decoded in as many
    tasks as their frame has partitions. Raises OSError where storage fails.
    """
    reader = _reader(CsvFormat(tuple(columns), delimiter, quoted_newlines))
    wanted = objects.select("object_sha256", "object_name", "path", "received_at")
    return wanted.mapInArrow(reader, _record_type(columns))


def _record_type(columns: Sequence[str]) -> StructType:
    """The row of `read_csv_records`."""
    return StructType(
        [
            StructField("object_sha256", StringType()),
            StructField("object_name", StringType()),
            StructField("received_at", TimestampType()),
            StructField("position", LongType()),
            StructField("original", BinaryType()),
            StructField("problem", StringType()),
            StructField("fields", StructType([StructField(column, StringType()) for column in columns])),
            StructField("extra", MapType(StringType(), StringType())),
        ]
    )


def _reader(layout: CsvFormat) -> Callable[[Iterable[pa.RecordBatch]], Iterable[pa.RecordBatch]]:
    """Return the function that turns batches of objects into batches of their records."""

    def read(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for objects in batches:
            for row in range(objects.num_rows):
                sha256, name, path, received_at = (column[row] for column in objects.columns)
                for records in decode_object(read_object(path.as_py()), layout):
                    origin = [pa.repeat(value, records.num_rows) for value in (sha256, name, received_at)]
                    yield pa.RecordBatch.from_arrays(
                        origin + records.columns,
                        names=["object_sha256", "object_name", "received_at", *records.schema.names],
                    )

    return read
