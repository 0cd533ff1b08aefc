"""Delimited text, `format: {type: csv, delimiter: ',', quotedNewlines: false, header: true}`, or without a header.

`rest: NAME` says of objects without a header that records vary in length: the last column, NAME, takes what is left.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from spark_jobs.functions.wire_column import WireColumn

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

UNIT = "line"
HAS_HEADER = True
OPTIONS = frozenset({"delimiter", "quotedNewlines", "header", "rest"})


def misfit(columns: Sequence[WireColumn], options: Mapping[str, object]) -> str | None:
    """Return why these columns cannot be delivered in this form, if so."""
    header, rest = options.get("header", True), options.get("rest")
    if typed := [column for column in columns if column.type != "string"]:
        return f"column {typed[0].name} is declared as {typed[0].type}, and all that CSV has is string"
    if not isinstance(header, bool):
        return f"header is true or false, not {header}"
    if rest is not None and header:
        return "rest is for objects without a header, and header is not false"
    if rest is not None and rest not in [column.name for column in columns[1:]][-1:]:
        return f"rest is the last column after others, not {rest}"
    return None


def read_records(objects: "DataFrame", *, columns: Sequence[WireColumn], options: Mapping[str, object]) -> "DataFrame":
    """Read every physical record of the objects, see `read_csv_records`; a column's path is its name in the header."""
    from pyspark.sql import functions as F
    from pyspark.sql.types import StringType, StructField, StructType

    from spark_jobs.functions.csv_decode import CsvFormat
    from spark_jobs.functions.csv_records import read_csv_records

    headers, names = [column.path for column in columns], [column.name for column in columns]
    layout = CsvFormat(
        tuple(headers),
        str(options.get("delimiter", ",")),
        bool(options.get("quotedNewlines", False)),
        header=bool(options.get("header", True)),
        rest=options.get("rest") is not None,
    )
    records = read_csv_records(objects, layout=layout)
    if headers == names:
        return records
    renamed = StructType([StructField(name, StringType()) for name in names])
    return records.withColumn("fields", F.col("fields").cast(renamed))
