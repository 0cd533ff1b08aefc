"""How late the records of a day came, and what lost to another delivery, beside a count that shares no code with it."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from infra.app.dbt_project import DbtProject
from tests.transforms.small_lake import CONTRACTS, TRANSFORMS, Contract, Feed, SmallLake, build, failed, rows

LATENESS = "marts.source_lateness"
# London's 4 July ends at 23:00 UTC, Shanghai's at 16:00.
SHOP = (
    ("A on the day", 1, "a", None, "2011-07-04T22"),
    ("B in the first hour after", 2, "b", None, "2011-07-04T23"),
    ("C in conflict", 3, "c", None, "2011-07-06T10"),
    ("C", 4, "d", None, "2011-07-05T09"),
    ("D", 5, "e", 1, "2011-07-04T12"),
    ("D revised", 6, "a", 2, "2011-07-09T23"),
    ("E", 7, "f", None, "2011-07-04T10"),
    ("E copied", 8, "f", None, "2011-07-04T10"),
)
FEED = (("F", 1, "g", None, "2011-07-04T17"),)
# Written with offsets instead of zones and with every pair of records instead of windows.
COUNTED_ANEW = """
with record as (
    select *, date_diff('hour', timestamp '2011-07-05' - to_hours(zone_hours), hour_utc) as after
    from records where reason is null
),
judged as (
    select *,
        exists (from record o where o.source = r.source and o.record_id = r.record_id
            and coalesce(o.version, -1) = coalesce(r.version, -1) and o.payload_hash = r.payload_hash
            and o.position < r.position) as is_copy,
        exists (from record o where o.source = r.source and o.record_id = r.record_id
            and coalesce(o.version, -1) > coalesce(r.version, -1)) as is_older,
        exists (from record o where o.source = r.source and o.record_id = r.record_id
            and coalesce(o.version, -1) = coalesce(r.version, -1) and o.payload_hash > r.payload_hash) as is_lower
    from record r
)
select source, event_day, count(*), count_if(after < 0), count_if(after between 0 and 23),
    count_if(after between 24 and 47), count_if(after >= 48), greatest(0, max(after)),
    count_if(is_copy), count_if(is_older and not is_copy), count_if(is_lower and not is_older and not is_copy)
from judged group by source, event_day order by source
"""


def record(identity: str, position: int, payload: str, version: int | None, hour: str) -> dict[str, Any]:
    """A decoded record of 4 July; what follows its first letter says what becomes of it."""
    return {
        "target": "order_line",
        "event_day": date(2011, 7, 4),
        "received_hour": datetime.fromisoformat(f"{hour}:00").replace(tzinfo=UTC),
        "object_sha256": "1",
        "object_name": "1.csv",
        "position": position,
        "record_id": identity[0],
        "payload_hash": payload,
        "version": version,
    }


def test_each_day_counts_its_late_records_and_those_that_lost(lake: SmallLake, tmp_path: Path) -> None:
    zoned = {"raw.live_feed": Contract("raw", "live_feed", Feed(("events.order_line",), "Asia/Shanghai"))}
    project = DbtProject(TRANSFORMS, tmp_path / "dbt", CONTRACTS | zoned)
    unreadable = {"object_sha256": "1", "object_name": "1.csv", "position": 9, "reason": "nul_byte"}
    delivered = {"retail_export": [*(record(*one) for one in SHOP), unreadable]}
    delivered["live_feed"] = [record(*one) for one in FEED]
    pinned = [lake.add(f"raw.{source}", records) for source, records in delivered.items()]
    staging = tmp_path / "staging.duckdb"

    result = build(project, staging, pinned, {LATENESS: "2011-07-08"})[LATENESS]

    assert result.passed
    assert failed(result) == {}
    late = "records, on_the_day, one_day_late, two_days_late, three_or_more_days_late"
    hours = "median_hours_late, p95_hours_late, most_hours_late"
    lost = "duplicates, superseded, conflicts"
    columns = f"source, event_day, {late}, {hours}, {lost}"
    found = rows(staging, f"select {columns} from {LATENESS} order by source")
    assert found == [
        ("live_feed", date(2011, 7, 4), 1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 0),
        ("retail_export", date(2011, 7, 4), 8, 4, 2, 1, 1, 0, 120, 120, 1, 1, 1),
    ]
    assert [(*row[:7], *row[9:]) for row in found] == counted_anew(lake)
    place = "newest_conflict_object_sha256, newest_conflict_object_name, newest_conflict_position"
    newest = rows(staging, f"select newest_conflict_received_hour, {place} from {LATENESS} where conflicts > 0")
    assert newest == [(datetime(2011, 7, 6, 10), "1", "1.csv", 3)]


def counted_anew(lake: SmallLake) -> list[tuple[Any, ...]]:
    """The same counts from the rows of the raw tables."""
    with duckdb.connect() as connection:
        parts = []
        for source, zone_hours in (("retail_export", 1), ("live_feed", 8)):
            connection.register(source, lake.catalog.load_table(f"raw.{source}").scan().to_arrow())
            hour = "timezone('UTC', received_hour) as hour_utc"
            parts.append(f"select '{source}' as source, {zone_hours} as zone_hours, {hour}, * from {source}")
        connection.execute(f"create view records as {' union all by name '.join(parts)}")
        return connection.execute(COUNTED_ANEW).fetchall()
