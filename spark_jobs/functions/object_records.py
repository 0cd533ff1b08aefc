"""From listed objects to a row for each of their records: what the readers of every format have in common."""

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

from spark_jobs.functions.object_bytes import read_object

Decode = Callable[[bytes], Iterable[pa.RecordBatch]]


def read_objects(objects: DataFrame, *, names: Sequence[str], decode: Decode) -> DataFrame:
    """Decode every object, a row per record.

    `objects`: object_sha256, object_name, path, received_at. `decode` makes of stored bytes the columns of
    `record_batches`, its fields called `names`; before them stand object_sha256, object_name and received_at. The
    objects are decoded in as many tasks as their frame has partitions. Raises OSError where storage fails.
    """
    wanted = objects.select("object_sha256", "object_name", "path", "received_at")
    return wanted.mapInArrow(_reader(decode), _record_type(names))


def _record_type(names: Sequence[str]) -> StructType:
    """Return the row of `read_objects`."""
    return StructType(
        [
            StructField("object_sha256", StringType()),
            StructField("object_name", StringType()),
            StructField("received_at", TimestampType()),
            StructField("position", LongType()),
            StructField("original", BinaryType()),
            StructField("problem", StringType()),
            StructField("fields", StructType([StructField(name, StringType()) for name in names])),
            StructField("extra", MapType(StringType(), StringType())),
        ]
    )


def _reader(decode: Decode) -> Callable[[Iterable[pa.RecordBatch]], Iterable[pa.RecordBatch]]:
    """Return the function that turns batches of objects into batches of their records."""

    def read(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for objects in batches:
            for row in range(objects.num_rows):
                sha256, name, path, received_at = (column[row] for column in objects.columns)
                for records in decode(read_object(path.as_py())):
                    origin = [pa.repeat(value, records.num_rows) for value in (sha256, name, received_at)]
                    yield pa.RecordBatch.from_arrays(
                        origin + records.columns,
                        names=["object_sha256", "object_name", "received_at", *records.schema.names],
                    )

    return read
