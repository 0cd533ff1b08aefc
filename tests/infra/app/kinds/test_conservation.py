"""Every record's event stands once, whichever feed of its platform it came from, and no event lacks its record."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyiceberg.schema import Schema
from pyiceberg.types import DateType, LongType, NestedField, StringType
from pyspark.sql import SparkSession

from infra.app.kinds.conservation import Feed, Question, conserved
from infra.app.session import Engine
from infra.lake import branch
from infra.lake.catalog import Lake
from infra.lake.settings import Settings
from tests.support.home import session_over

VISIT = "events.visit"
PLACE = {"object_sha256": StringType(), "object_name": StringType(), "position": LongType()}
RAW = {"target": StringType(), "event_day": DateType(), "record_id": StringType(), **PLACE}
EVENT = {"day": DateType(), "source": StringType(), "event_id": StringType(), **PLACE}
AGREED = "0 lost, 0 doubled, 0 of no record"
Row = tuple[str, int, str, int]
"""Source, day of March 2026, identity, position."""


def ask(
    folder: Path,
    records: Iterable[Row],
    events: Iterable[Row],
    due: Iterable[int],
    owed: Iterable[int] = (),
    spark: SparkSession | None = None,
) -> dict[str, str]:
    """What is observed of each of two feeds with a window of one day; on Spark where a session is given."""
    lake = Lake(Settings(home=folder, **({"gate_duckdb_rows": 0} if spark else {})))
    engine = Engine(lake.settings)
    if spark:
        engine.spark = session_over(lake.settings, spark)
    feeds = []
    for source in ("app", "web"):
        rows = [_row("event_day", "record_id", row) | {"target": VISIT} for row in records if row[0] == source]
        other = _row("event_day", "record_id", (source, 3, "elsewhere", 9)) | {"target": "events.other"}
        feeds.append(Feed(source, f"raw.{source}", _table(lake, f"raw.{source}", RAW, [*rows, other])))
    rows = [_row("day", "event_id", row) | {"source": row[0]} for row in events]
    head = _table(lake, VISIT, EVENT, rows)
    near = {day + offset for day in due for offset in (-1, 0, 1)}
    checks = conserved(lake, engine, Question(VISIT, head, feeds, _days(due), _days(near), _days(owed), 1))
    assert {check.passed for check in checks.values() if check.observed == AGREED} <= {True}
    assert not any(check.passed for check in checks.values() if check.observed != AGREED)
    return {source: check.observed for source, check in checks.items()}


def _row(day: str, identity: str, row: Row) -> dict[str, Any]:
    source = row[0]
    place = {"object_sha256": source * 3, "object_name": f"{source}.csv", "position": row[3]}
    return {day: date(2026, 3, row[1]), identity: row[2], **place}


def _days(days: Iterable[int]) -> frozenset[str]:
    return frozenset(f"2026-03-{day:02d}" for day in days)


def _table(lake: Lake, name: str, columns: dict[str, Any], rows: list[dict[str, Any]]) -> int:
    schema = Schema(*(NestedField(i, column, kind) for i, (column, kind) in enumerate(columns.items(), 1)))
    by = ("target", "event_day") if "target" in columns else ("day", "source")
    table = lake.ensure(name, schema, by)
    if rows:
        table.append(pa.Table.from_pylist(rows, schema=table.schema().as_arrow()))
    return branch.head(lake.table(name))


def test_a_record_is_accounted_for_by_the_event_of_another_feed_or_of_a_neighbouring_day(tmp_path: Path) -> None:
    records = [("app", 3, "A", 1), ("web", 3, "A", 1), ("app", 3, "B", 2), ("app", 4, "B", 3)]
    events = [("web", 3, "A", 1), ("app", 4, "B", 3)]

    assert ask(tmp_path, records, events, due=[3]) == {"app": AGREED, "web": AGREED}


def test_a_source_without_records_or_events_on_the_due_days_is_not_asked_about(tmp_path: Path) -> None:
    assert ask(tmp_path, [("app", 3, "A", 1)], [("app", 3, "A", 1)], due=[3]) == {"app": AGREED}


def test_a_record_without_any_event_is_lost_by_every_feed_that_delivered_it(tmp_path: Path) -> None:
    records = [("app", 3, "A", 1), ("web", 3, "A", 7), ("web", 3, "B", 8)]

    assert ask(tmp_path, records, [("web", 3, "B", 8)], due=[3]) == {
        "app": "1 lost, 0 doubled, 0 of no record; first: app.csv at 1",
        "web": "1 lost, 0 doubled, 0 of no record; first: web.csv at 7",
    }


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(("app", 3, "A", 1), id="the same row twice"),
        pytest.param(("app", 4, "A", 2), id="on the next day"),
        pytest.param(("app", 2, "A", 3), id="on a day that is not due"),
    ],
)
def test_an_event_that_stands_again_within_the_window_is_doubled(tmp_path: Path, second: Row) -> None:
    records = [("app", 3, "A", 1), ("app", 4, "A", 2), ("app", 2, "A", 3)]

    observed = ask(tmp_path, records, [("app", 3, "A", 1), second], due=[3, 4])["app"]

    assert observed.startswith("0 lost, 1 doubled, 0 of no record; first: app.csv at ")


def test_the_same_identity_further_apart_is_another_event(tmp_path: Path) -> None:
    rows = [("app", 3, "A", 1), ("app", 5, "A", 2)]

    assert ask(tmp_path, rows, rows, due=[3, 4, 5]) == {"app": AGREED}


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(("app", 3, "A", 2), id="of another place"),
        pytest.param(("app", 3, "Z", 1), id="of another identity"),
    ],
)
def test_an_event_without_its_record_is_stray(tmp_path: Path, event: Row) -> None:
    observed = ask(tmp_path, [("app", 3, "A", 1)], [("app", 3, "A", 1), event], due=[3])["app"]

    assert "1 of no record" in observed


def test_deliveries_near_one_another_pairwise_share_an_event_further_away_than_the_window(tmp_path: Path) -> None:
    records = [("app", day, "A", day) for day in (3, 4, 5)]

    assert ask(tmp_path, records, [("app", 3, "A", 3)], due=[5]) == {"app": AGREED}


def test_nothing_is_asked_about_days_that_are_owed_and_their_records_may_hold_the_event(tmp_path: Path) -> None:
    records = [("app", 3, "A", 1), ("app", 4, "A", 2), ("app", 3, "B", 3)]
    outdated = [("app", 4, "C", 9), ("app", 3, "B", 3), ("app", 4, "B", 8)]

    assert ask(tmp_path, records, outdated, due=[3], owed=[4]) == {"app": AGREED}


def test_spark_finds_the_same(tmp_path: Path, spark: SparkSession) -> None:
    records = [("app", 3, "A", 1), ("web", 3, "A", 7), ("web", 3, "B", 8), ("app", 4, "D", 2)]
    events = [("web", 3, "B", 8), ("web", 3, "B", 8), ("app", 3, "C", 5), ("app", 4, "D", 2)]

    on_spark = ask(tmp_path / "spark", records, events, due=[3, 4], spark=spark)

    assert on_spark == ask(tmp_path / "memory", records, events, due=[3, 4])
    assert on_spark == {
        "app": "1 lost, 0 doubled, 1 of no record; first: app.csv at 1",
        "web": "1 lost, 1 doubled, 0 of no record; first: web.csv at 7",
    }
