"""Whether every record's event stands in an events table, once, and nothing else does.

records of the due days, as pinned ─┐
                                    ├─▶ events of each source that are lost, doubled or of no record
rows of the sealed branch ──────────┘

Only identities are compared, so what a wrong rule of fates loses is found as well. The statement is the same on DuckDB,
where the rows fit into memory, and on Spark.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final, cast

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.expressions import And

from infra.app.kinds.days import is_among
from infra.app.session import Engine
from infra.lake import partitions
from infra.lake.catalog import Lake
from infra.lake.filters import equals, is_in, on_days
from infra.lake.partitions import PartitionValues
from infra.loop.dataset import Check
from infra.loop.plan import Partition

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

PLACE: Final = ("object_name", "position", "object_sha256")
LOST, DOUBLED, STRAY = "lost", "doubled", "stray"
DIFFERENCES: Final = """
with settled as (
    select *,
        lag(source) over (partition by id order by day, {place}, source) as source_before,
        lag(is_due) over (partition by id order by day, {place}, source) as is_due_before,
        lag(day) over (partition by id order by day, {place}, source) as day_before
    from {event} where not is_owed
),
doubled as (
    select * from settled
    where (is_due or is_due_before) and day <= day_before + interval '{window_days}' day
)
select 'lost' as kind, source, id, min(concat(object_name, ' at ', cast(position as string))) as place
from {record} as record
where is_due and not exists (select 1 from {event} as event where event.id = record.id)
group by source, id
union all
select 'doubled', source, id, concat(object_name, ' at ', cast(position as string)) from doubled
union all
select 'doubled', source_before, id, concat(object_name, ' at ', cast(position as string)) from doubled
where source_before <> source
union all
select 'stray', source, id, concat(object_name, ' at ', cast(position as string))
from {event} as event
where is_due and not exists (
    select 1 from {record} as record
    where record.source = event.source and record.id = event.id and record.day = event.day
        and record.object_sha256 = event.object_sha256 and record.object_name = event.object_name
        and record.position = event.position
)
"""
"""Frames record and event: source, id, day, is_due, is_owed and the place. A row for each event that is wrong."""


@dataclass(frozen=True)
class Feed:
    """One source's records at a pinned version of its raw table."""

    source: str
    table: str
    snapshot_id: int


@dataclass(frozen=True)
class Question:
    """What is compared: the feeds of one platform, and their rows in one version of an events table.

    `due` are the days that must agree, `near` those and their neighbours within the identity window of `window_days`.
    `owed` are days whose records are not all taken in yet: nothing is asked about them, and the event of a record may
    be among them.
    """

    table: str
    snapshot_id: int
    feeds: Sequence[Feed]
    due: frozenset[Partition]
    near: frozenset[Partition]
    owed: frozenset[Partition]
    window_days: int


def conserved(lake: Lake, engine: Engine, asked: Question) -> dict[str, Check]:
    """For each source that has records or events on the due days, whether they agree."""
    sizes = _sizes(lake, asked)
    present = sorted(source for source, by_day in sizes.items() if not asked.due.isdisjoint(by_day))
    if not present:
        return {}
    fits = sum(sum(by_day.values()) for by_day in sizes.values()) <= lake.settings.gate_duckdb_rows
    found = _on_duckdb(lake, asked) if fits else _on_spark(engine, asked)
    wrong = _without_those_elsewhere(lake, asked, found.to_pylist())
    return {source: _check(asked.table, [row for row in wrong if row["source"] == source]) for source in present}


def _check(table: str, wrong: Sequence[Mapping[str, str]]) -> Check:
    counts = {kind: sum(row["kind"] == kind for row in wrong) for kind in (LOST, DOUBLED, STRAY)}
    observed = f"{counts[LOST]} lost, {counts[DOUBLED]} doubled, {counts[STRAY]} of no record"
    if wrong:
        observed += f"; first: {min(row['place'] for row in wrong)}"
    # There are no right rows that somebody could let pass.
    return Check(f"every record's event stands once in {table}", None, "critical", not wrong, observed, False)


def _is_for(asked: Question, values: PartitionValues) -> bool:
    return values["target"] == asked.table and values["event_day"] in asked.near


def _sizes(lake: Lake, asked: Question) -> dict[str, dict[str, int]]:
    """Records and rows of each source by day, from the tables' metadata."""
    sizes: dict[str, dict[str, int]] = {}
    events = lake.table(asked.table)
    for feed in asked.feeds:
        records = partitions.rows_by(
            lake.table(feed.table), feed.snapshot_id, "event_day", lambda values: _is_for(asked, values)
        )
        rows = partitions.rows_by(
            events,
            asked.snapshot_id,
            "day",
            lambda values, source=feed.source: values["source"] == source and values["day"] in asked.near,  # type: ignore[misc]
        )
        sizes[feed.source] = dict(records + rows)
    return sizes


def _days(days: Iterable[Partition]) -> list[date]:
    return [date.fromisoformat(day) for day in sorted(days)]


def _on_duckdb(lake: Lake, asked: Question) -> pa.Table:
    tables = []
    for feed in asked.feeds:
        chosen = And(equals("target", asked.table), on_days("event_day", asked.near))
        scan = lake.table(feed.table).scan(chosen, ("record_id", "event_day", *PLACE), snapshot_id=feed.snapshot_id)
        named = scan.to_arrow().select(["record_id", "event_day", *PLACE]).rename_columns(["id", "day", *PLACE])
        tables.append(named.append_column("source", pa.array([feed.source] * len(named), pa.string())))
    chosen = And(is_in("source", [feed.source for feed in asked.feeds]), on_days("day", asked.near))
    scan = lake.table(asked.table).scan(chosen, ("event_id", "day", *PLACE, "source"), snapshot_id=asked.snapshot_id)
    events = scan.to_arrow().select(["event_id", "day", *PLACE, "source"])
    with duckdb.connect() as connection:
        # A scan that finds nothing has longer types of text than the files of one that does.
        records = pa.concat_tables(tables, promote_options="permissive")
        connection.register("record", _marked(records, asked))
        connection.register("event", _marked(events.rename_columns(["id", "day", *PLACE, "source"]), asked))
        return connection.sql(_statement(asked, record="record", event="event")).to_arrow_table()


def _marked(rows: pa.Table, asked: Question) -> pa.Table:
    for name, days in (("is_due", asked.due), ("is_owed", asked.owed)):
        rows = rows.append_column(name, pc.is_in(rows["day"], pa.array(_days(days), pa.date32())))
    return rows


def _on_spark(engine: Engine, asked: Question) -> pa.Table:
    from pyspark.sql import functions as F

    def marked(rows: "DataFrame") -> "DataFrame":
        near = rows.where(is_among("day", asked.near))
        return near.withColumns({"is_due": is_among("day", asked.due), "is_owed": is_among("day", asked.owed)})

    frames = []
    for feed in asked.feeds:
        rows = engine.read(feed.table, feed.snapshot_id).where(F.col("target") == asked.table)
        named = {"id": F.col("record_id"), "day": F.col("event_day"), "source": F.lit(feed.source)}
        frames.append(rows.select(*[column.alias(name) for name, column in named.items()], *PLACE))
    records = frames[0]
    for frame in frames[1:]:
        records = records.unionByName(frame)
    events = engine.read(asked.table, asked.snapshot_id).withColumnRenamed("event_id", "id")
    events = events.where(F.col("source").isin([feed.source for feed in asked.feeds]))
    events = events.select("id", "day", "source", *PLACE)
    statement = _statement(asked, record="{record}", event="{event}")
    found = engine.spark.sql(statement, record=marked(records), event=marked(events))
    return cast(pa.Table, found.toArrow())


def _statement(asked: Question, *, record: str, event: str) -> str:
    return DIFFERENCES.format(place=", ".join(PLACE), window_days=asked.window_days, record=record, event=event)


def _without_those_elsewhere(
    lake: Lake, asked: Question, found: Sequence[Mapping[str, str]]
) -> list[Mapping[str, str]]:
    """Take back what is called lost though its event stands further away, or waits with days that are owed.

    Deliveries that are near one another pairwise may reach over more days than the window. They are few.
    """
    lost = {row["id"] for row in found if row["kind"] == LOST}
    if not lost:
        return list(found)
    sources = is_in("source", [feed.source for feed in asked.feeds])
    chosen = And(sources, is_in("event_id", lost))
    scans = [lake.table(asked.table).scan(chosen, ("event_id",), snapshot_id=asked.snapshot_id)]
    for feed in asked.feeds if asked.owed else ():
        waiting = And(on_days("event_day", asked.owed), is_in("record_id", lost))
        owed = And(equals("target", asked.table), waiting)
        scans.append(lake.table(feed.table).scan(owed, ("record_id",), snapshot_id=feed.snapshot_id))
    elsewhere = {identity for scan in scans for identity in scan.to_arrow().column(0).to_pylist()}
    return [row for row in found if row["kind"] != LOST or row["id"] not in elsewhere]
