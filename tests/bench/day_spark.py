"""The day as somebody would decode it strictly with Spark alone: a Python function for the JSON, columns for the rest.

Spark's own functions cannot judge it: `from_json` takes the last of two equal keys, `try_parse_json` lets trailing data
pass, and both take 2.0 for an integer.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from infra.lake.catalog import CATALOG_NAME
from spark_jobs.functions.cloud_events import RFC_3339
from spark_jobs.functions.strict import WHOLE_NUMBER
from spark_jobs.functions.wire_column import WireColumn
from spark_jobs.raw.shop_plugin import KINDS, WITHOUT_PRODUCT
from tests.bench.day_lines import LineReader

RECORDS, EVENTS = "records", "interactions"
FIELDS = ("specversion", "id", "event_source", "type", "time", "revision", "visitor_id", "account_id", "product_id")
SCHEMA = "file string, original binary, problem string, " + ", ".join(f"{field} string" for field in FIELDS)


def write_day(spark: SparkSession, folders: Sequence[Path], namespace: str) -> None:
    """Decode the objects of some folders into a table of all records, then the good events into another."""
    from tests.bench.day_sides import plugin_columns

    read = spark.read.text([str(folder) for folder in folders], lineSep="\n")
    lines = read.where(F.length("value") > 0).select(
        F.col("_metadata.file_name").alias("file"), F.col("value").cast("binary").alias("line")
    )
    decoded = lines.mapInArrow(_decoder(plugin_columns()), SCHEMA)
    records = f"{CATALOG_NAME}.{namespace}.{RECORDS}"
    _write(_judged(decoded), records)
    best = Window.partitionBy("event_source", "id").orderBy(
        F.desc_nulls_last("version"), *map(F.desc, ("kind", "visitor_id", "account_id", "product_id", "occurred_at"))
    )
    good = spark.table(records).where("reason is null").withColumn("place", F.row_number().over(best))
    events = good.where("place = 1").select(
        "day", "event_source", "id", "kind", "visitor_id", "account_id", "product_id", "occurred_at", "file"
    )
    _write(events, f"{CATALOG_NAME}.{namespace}.{EVENTS}")


def _write(rows: DataFrame, table: str) -> None:
    writer = rows.writeTo(table).partitionedBy("day")
    writer.tableProperty("write.parquet.compression-codec", "zstd").createOrReplace()


def _judged(decoded: DataFrame) -> DataFrame:
    """Types, and the first reason that there is against a record."""
    kinds = F.create_map(*[F.lit(text) for pair in KINDS.items() for text in pair])
    occurred_at = F.when(F.col("time").rlike(RFC_3339), F.col("time").try_cast("timestamp"))
    typed = decoded.select(
        "file",
        "original",
        "problem",
        "specversion",
        "revision",
        *[
            F.nullif(name, F.lit("")).alias(name)
            for name in ("id", "event_source", "visitor_id", "account_id", "product_id")
        ],
        F.try_element_at(kinds, "type").alias("kind"),
        occurred_at.alias("occurred_at"),
        F.when(F.col("revision").rlike(WHOLE_NUMBER), F.col("revision").try_cast("long")).alias("version"),
    )
    typed = typed.withColumn("day", F.to_date(F.from_utc_timestamp("occurred_at", "Asia/Shanghai")))
    reason = F.when(F.col("problem").isNotNull(), F.col("problem"))
    for name, broken in _rules():
        reason = reason.when(broken, F.lit(name))
    judged = typed.withColumn("reason", reason)
    good = F.col("reason").isNull()
    return judged.select(
        F.when(good, F.col("day")).alias("day"),
        "file",
        "event_source",
        "id",
        "kind",
        "visitor_id",
        "account_id",
        "product_id",
        "occurred_at",
        "version",
        "reason",
        F.when(~good, F.col("original")).alias("original"),
    )


def _rules() -> list[tuple[str, Column]]:
    tomorrow = F.date_add(F.to_date(F.from_utc_timestamp(F.current_timestamp(), "Asia/Shanghai")), 1)
    return [
        ("invalid_specversion", ~F.col("specversion").eqNullSafe("1.0")),
        ("missing_id", F.col("id").isNull()),
        ("missing_source", F.col("event_source").isNull()),
        ("unknown_type", F.col("kind").isNull()),
        ("invalid_time", F.col("occurred_at").isNull()),
        ("invalid_revision", F.col("revision").isNotNull() & F.col("version").isNull()),
        ("missing_visitor", F.col("visitor_id").isNull()),
        ("missing_product", ~F.col("kind").isin(*WITHOUT_PRODUCT) & F.col("product_id").isNull()),
        ("before_first_day", F.col("day") < F.lit("2026-01-01").cast("date")),
        ("too_far_in_future", F.col("day") > tomorrow),
    ]


def _decoder(columns: Sequence[WireColumn]) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """A function for `mapInArrow` that takes the fields of each line, or says why it cannot."""

    def batches(lines: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        reader = LineReader(columns, FIELDS)
        for batch in lines:
            rows, problems = reader.read(batch.column(1).to_pylist())
            fields = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
            yield pa.RecordBatch.from_arrays(
                [batch.column(0), batch.column(1), pa.array(problems, pa.string()), *fields],
                names=["file", "original", "problem", *FIELDS],
            )

    return batches
