"""Writing and reading days with Spark: early cutoff, exact windows, gate frames. Shared by events and features."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import pyarrow as pa

from infra.app.session import Engine
from infra.lake import branch, partitions
from infra.lake.catalog import CATALOG_NAME, Lake
from infra.loop.dataset import Job
from infra.loop.plan import Node, Partition, Window

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


def window_days(window: Window, outputs: Iterable[Partition], first_day: Partition) -> set[Partition] | None:
    """Every input day behind some output days; None where the window is unbounded."""
    if window.before is None:
        return None
    spans = [window.reads(day, first_day) for day in outputs]
    return {day for first, last in spans for day in partitions.days_between(first, last)}


def in_window(frame: "DataFrame", column: str, node: Node, name: str, job: Job, first_day: Partition) -> "DataFrame":
    """The rows of an input that the output days to build read, pruned to their partitions."""
    outputs = [day for day in job.plan.build if day in job.plan.wanted]
    days = window_days(node.windows[name], outputs, first_day)
    if days is None:
        last = max((node.windows[name].reads(day, first_day)[1] for day in outputs), default=first_day)
        return frame.where(frame[column] <= day_literal(last))
    return frame.where(is_among(column, days))


def day_literal(day: Partition) -> "Column":
    """A day as a Spark date."""
    from pyspark.sql import functions as F

    return F.lit(day).cast("date")


def is_among(column: str, days: Iterable[Partition]) -> "Column":
    """Whether a date column is one of some days, in a form that Iceberg prunes partitions by."""
    from pyspark.sql import functions as F

    ranges, others = partitions.ranges(days)
    among = F.col(column).isin([date.fromisoformat(day) for day in others])
    for first, last in ranges:
        among = among | F.col(column).between(day_literal(first), day_literal(last))
    return among


def spine(engine: Engine, days: Sequence[Partition]) -> "DataFrame":
    """The days to produce, as a frame with one column `day`."""
    # An Arrow table reaches Spark as it is; of a list, Python workers of their own would make rows.
    return engine.spark.createDataFrame(pa.table({"day": pa.array(map(date.fromisoformat, days), pa.date32())}))


def write_days(
    engine: Engine,
    lake: Lake,
    name: str,
    job: Job,
    rows: "DataFrame",
    hashed: Sequence[str],
    options: Mapping[str, str],
) -> None:
    """Write the built days to the run's branch, leaving out those whose rows came out as published (early cutoff).

    `hashed` are the columns that count as content, `options` those of the writer. A day without rows is emptied.
    """
    table = lake.table(name)
    existing = partitions.rows_by(table, job.base, "day").keys() & set(job.plan.build)
    if not existing:
        _overwrite(rows, name, job, job.plan.build, options)
        return
    kept = rows.persist()
    try:
        published = engine.read(name, job.base).where(is_among("day", existing))
        if branch.columns(table, job.base) != {field.name for field in table.schema().fields}:
            published = _widened(published, kept)
        different = sorted(_different(kept, published, hashed) & set(job.plan.build))
        if different:
            _overwrite(kept.where(is_among("day", different)), name, job, different, options)
    finally:
        kept.unpersist()


def _widened(published: "DataFrame", rows: "DataFrame") -> "DataFrame":
    """An older version with the columns that the table gained since, as nulls."""
    from pyspark.sql import functions as F

    gained = [field for field in rows.schema if field.name not in published.columns]
    return published.select("*", *[F.lit(None).cast(field.dataType).alias(field.name) for field in gained])


def _overwrite(rows: "DataFrame", name: str, job: Job, days: Sequence[Partition], options: Mapping[str, str]) -> None:
    table = f"{CATALOG_NAME}.{name}.branch_{job.branch}"
    rows.writeTo(table).options(**options).overwrite(is_among("day", days))


def _different(rows: "DataFrame", published: "DataFrame", hashed: Sequence[str]) -> set[Partition]:
    """Days whose rows are not those published: told by their count and two 64-bit hash sums, whatever their order."""
    from pyspark.sql import functions as F

    # xxhash64 passes over nulls, so where they stand is hashed too.
    columns = [F.col(column) for column in sorted(hashed)]
    nulls = F.concat(*[F.when(column.isNull(), "1").otherwise("0") for column in columns])
    hashes = [F.xxhash64(F.lit(seed), nulls, *columns).cast("decimal(38,0)") for seed in (1, 2)]

    def sums(of: "DataFrame", sign: int) -> "DataFrame":
        signed = [(F.lit(sign) * value).alias(f"sum_{at}") for at, value in enumerate([F.lit(1), *hashes])]
        return of.select(F.col("day").cast("string").alias("day"), *signed)

    # One query for both sides: what is taken away from the other leaves nothing where they are alike.
    net = sums(rows, 1).unionAll(sums(published, -1)).groupBy("day").agg(*[F.sum(f"sum_{at}") for at in range(3)])
    return {str(day) for day, *left in net.collect() if any(left)}
