"""How many events stand on more than one day of a table: identity is resolved within a window of days only.

The statement is the same on DuckDB, where the rows fit into memory, and on Spark.
"""

from collections.abc import Collection
from datetime import date
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from infra.app.kinds.days import is_among
from infra.app.session import Engine
from infra.lake.catalog import Lake
from infra.lake.filters import is_in
from infra.loop.plan import Partition

SPREAD: Final = """
select count(*) as ids from (
    select namespace, event_id from {event} group by namespace, event_id
    having min(day) <> max(day) and max(case when is_touched then 1 else 0 end) = 1
)
"""
"""Frame event: namespace, event_id, day, is_touched."""
COLUMNS: Final = ("namespace", "event_id", "day")


def spread_in_memory(
    lake: Lake, table: str, snapshot_id: int, sources: Collection[str], days: Collection[Partition]
) -> int:
    """Count the ids of some sources that stand on one of some days and on another one, by DuckDB."""
    rows = lake.table(table).scan(is_in("source", sources), COLUMNS, snapshot_id=snapshot_id).to_arrow()
    touched = pa.array([date.fromisoformat(day) for day in days], pa.date32())
    with duckdb.connect() as connection:
        connection.register("event", rows.append_column("is_touched", pc.is_in(rows["day"], touched)))
        return _only_value(connection.sql(SPREAD.format(event="event")).to_arrow_table())


def spread_on_spark(
    engine: Engine, table: str, snapshot_id: int, sources: Collection[str], days: Collection[Partition]
) -> int:
    """The same by Spark."""
    rows = engine.read(table, snapshot_id)
    rows = rows.where(rows["source"].isin(list(sources))).select(*COLUMNS)
    marked = rows.withColumn("is_touched", is_among("day", days))
    return _only_value(engine.spark.sql(SPREAD.format(event="{event}"), event=marked).toArrow())


def _only_value(found: pa.Table) -> int:
    return int(found["ids"][0].as_py())
