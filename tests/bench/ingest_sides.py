"""The three ways from landed exports to typed, deduplicated rows that `ingest` compares; each runs in its own process.

Every way does the whole work twice, into two empty places: the first time as in a process just started, the second
time warm. `python -m tests.bench.ingest_sides SIDE EXPORTS FOLDER` prints its figures as one JSON line.
"""

import time
from pathlib import Path
from typing import Any

import duckdb
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from infra.app.app import App
from infra.lake.catalog import CATALOG_NAME
from infra.loop.result import Outcome
from tests.bench.child import TURNS, Side, run_side
from tests.bench.homes import another, land, started
from tests.bench.processes import ProcessorTime, processor_seconds
from tests.support.home import COLUMNS

EVENTS = "events.order_line"
BRANCHES = ("raw.retail_export", EVENTS)
Figures = dict[str, Any]


def guanxi(exports: Path, folder: Path) -> list[Figures]:
    """Land the exports and bring `events.order_line` level: three builds, three gates, publication."""
    running = started(folder)
    return [_guanxi_once(another(folder / turn, running), exports) for turn in TURNS]


def _guanxi_once(app: App, exports: Path) -> Figures:
    land(app, exports.glob("*.csv.gz"))
    begun, cpu = time.perf_counter(), ProcessorTime()
    results = {r.dataset: r for r in app.run([EVENTS], listener=lambda name, phase: cpu.begin(f"{name} {phase}"))}
    whole = time.perf_counter() - begun
    cpu.begin("after")
    for result in results.values():
        if result.outcome is not Outcome.PUBLISHED:
            raise RuntimeError(f"{result.dataset}: {result.outcome.value}: {result.detail}")
    steps = {name: {phase: round(s, 2) for phase, s in result.seconds.items()} for name, result in results.items()}
    snapshot = app.lake.table(EVENTS).current_snapshot()
    return {
        "seconds": sum(results[name].seconds["build"] for name in BRANCHES),
        "cpu_seconds": sum(cpu.seconds[f"{name} build"] for name in BRANCHES),
        "gate_seconds": sum(results[name].seconds["gate"] for name in BRANCHES),
        "whole_run_seconds": whole,
        "steps": steps,
        "cpu_steps": dict(cpu.seconds),
        "rows": app.lake.table(EVENTS).scan(snapshot_id=snapshot.snapshot_id if snapshot else None).count(),
    }


def plain_spark(exports: Path, folder: Path) -> list[Figures]:
    """`spark.read.csv`, casts, `row_number` over all columns, one Iceberg table partitioned by day."""
    spark = started(folder).engine.spark
    spark.sql(f"create namespace if not exists {CATALOG_NAME}.plain")
    return [_plain_spark_once(spark, exports, f"{CATALOG_NAME}.plain.{turn}") for turn in TURNS]


def _plain_spark_once(spark: SparkSession, exports: Path, table: str) -> Figures:
    begun, used = time.perf_counter(), processor_seconds()
    schema = ", ".join(f"{column} string" for column in COLUMNS)
    read = spark.read.csv(str(exports), schema=schema, header=True, escape='"')
    copies = Window.partitionBy(*COLUMNS).orderBy("file")
    numbered = read.withColumn("file", F.input_file_name()).withColumn("copy", F.row_number().over(copies))
    writer = _typed(numbered.where("copy = 1")).writeTo(table).partitionedBy("day")
    writer.tableProperty("write.parquet.compression-codec", "zstd").create()
    seconds = time.perf_counter() - begun
    used = processor_seconds() - used
    return {"seconds": seconds, "cpu_seconds": used, "rows": spark.table(table).count()}


def _typed(rows: DataFrame) -> DataFrame:
    wall_clock = F.col("InvoiceDate").cast("timestamp")
    quantity, price = F.col("Quantity").cast("long"), F.col("UnitPrice").cast("decimal(18,4)")
    return rows.select(
        F.to_date(wall_clock).alias("day"),
        F.col("InvoiceNo").alias("order_id"),
        F.col("StockCode").alias("product_id"),
        F.col("Description").alias("product_name"),
        F.substring_index("CustomerID", ".", 1).alias("account_id"),
        quantity.alias("quantity"),
        price.alias("unit_price"),
        (quantity.cast("decimal(18,0)") * price).cast("decimal(18,4)").alias("amount"),
        F.col("InvoiceNo").startswith("C").alias("is_cancellation"),
        F.to_utc_timestamp(wall_clock, "Europe/London").alias("ordered_at"),
        F.col("Country").alias("country"),
        "file",
    )


def duckdb_alone(exports: Path, folder: Path) -> list[Figures]:
    """`read_csv`, casts, `row_number` over all columns, Parquet files partitioned by day."""
    return [_duckdb_once(exports, folder / turn) for turn in TURNS]


def _duckdb_once(exports: Path, folder: Path) -> Figures:
    folder.mkdir(parents=True)
    with duckdb.connect() as connection:
        begun, used = time.perf_counter(), processor_seconds()
        connection.execute(
            f"""
            copy (
                select
                    InvoiceDate::date as day, InvoiceNo as order_id, StockCode as product_id,
                    Description as product_name, split_part(CustomerID, '.', 1) as account_id,
                    Quantity::bigint as quantity, UnitPrice::decimal(18, 4) as unit_price,
                    (Quantity::bigint * UnitPrice::decimal(14, 4))::decimal(18, 4) as amount,
                    starts_with(InvoiceNo, 'C') as is_cancellation,
                    timezone('Europe/London', InvoiceDate::timestamp) as ordered_at, Country as country, filename
                from read_csv('{exports}/*.csv.gz', all_varchar = true, header = true, filename = true)
                qualify row_number() over (partition by {", ".join(COLUMNS)} order by filename) = 1
            ) to '{folder}' (format parquet, compression zstd, partition_by (day), overwrite_or_ignore)
            """
        )
        seconds = time.perf_counter() - begun
        used = processor_seconds() - used
        counted = connection.sql(f"select count(*) from '{folder}/*/*.parquet'").fetchone()
    return {"seconds": seconds, "cpu_seconds": used, "rows": counted[0] if counted else 0}


SIDES: dict[str, Side] = {
    "guanxi": guanxi,
    "plain_spark": plain_spark,
    "duckdb": duckdb_alone,
}


if __name__ == "__main__":
    run_side(SIDES)
