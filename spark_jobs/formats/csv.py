"""Delimited text with a header, `format: {type: csv, delimiter: ',', quotedNewlines: false}`."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from spark_jobs.functions.wire_column import WireColumn

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

UNIT = "line"
HAS_HEADER = True
OPTIONS = frozenset({"delimiter", "quotedNewlines"})


def misfit(columns: Sequence[WireColumn], options: Mapping[str, object]) -> str | None:
    """Return why these columns cannot be delivered in this form, if so."""
    typed = [column for column in columns if column.type != "string"]
    return f"column {typed[0].name} is declared as {typed[0].type}, and all that CSV has is string" if typed else None


def read_records(objects: "DataFrame", *, columns: Sequence[WireColumn], options: Mapping[str, object]) -> "DataFrame":
    """Read every physical record of the objects, see `read_csv_records`; a column's path is its name in the header."""
    from pyspark.sql import functions as F
    from pyspark.sql.types import StringType, StructField, StructType

    from spark_jobs.functions.csv_records import read_csv_records

    headers, names = [column.path for column in columns], [column.name for column in columns]
    records = read_csv_records(
        objects,
        columns=headers,
        delimiter=str(options.get("delimiter", ",")),
        quoted_newlines=bool(options.get("quotedNewlines", False)),
    )
    if headers == names:
        return records
    renamed = StructType([StructField(name, StringType()) for name in names])
    return records.withColumn("fields", F.col("fields").cast(renamed))
