"""Sessions through the loop: over midnight, longer than a day, and with interactions that come late."""

import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

from infra.app.app import App
from infra.app.warehouse import query
from infra.loop.result import Outcome, Result
from tests.support.home import fed_by, open_home
from tests.support.shop_sample import ZONE, ShopSample
from tests.support.shop_session import APP, ShopEvent

DAYS = [date(2026, 3, 2) + timedelta(days=offset) for offset in range(4)]
# The first delivery brings late interactions of the day before.
ALL_DAYS = [date(2026, 3, 1), *DAYS]
SAMPLE = ShopSample(visitors=40, sessions_a_day=30)
VISITS, DAILY = "features.session", "marts.sessions_daily"

DEFINITION = """
    with recursive numbered as (
        select *, row_number() over (partition by namespace, visitor_id order by occurred_at, event_id) as number
        from interaction
    ),
    walked as (
        select *, occurred_at as started_at, day as start_day from numbered where number = 1
        union all
        select event.*,
            if(is_over, event.occurred_at, started_at) as started_at, if(is_over, event.day, start_day) as start_day
        from walked join numbered as event using (namespace, visitor_id),
            lateral (
                select event.occurred_at - walked.occurred_at >= interval 30 minutes
                    or event.occurred_at - started_at >= interval 24 hours as is_over
            )
        where event.number = walked.number + 1
    )
    select
        start_day as day, namespace, visitor_id,
        first(account_id order by number) filter (account_id is not null) as account_id,
        started_at, max(occurred_at) as ended_at,
        (epoch_us(max(occurred_at)) - epoch_us(started_at)) // 1000000 as duration_seconds,
        count(*) as interactions,
        count(*) filter (kind = 'view') as views, count(*) filter (kind = 'search') as searches,
        count(*) filter (kind in ('like', 'comment', 'share', 'save')) as engagements,
        count(*) filter (kind = 'add_to_cart') as cart_adds, count(*) filter (kind = 'checkout') as checkouts,
        count(distinct product_id) as products
    from walked group by start_day, namespace, visitor_id, started_at
"""


def looked(visitor: str, at: datetime) -> ShopEvent:
    """Somebody looks at a product."""
    about = {"visitor_id": visitor, "product_id": "2001"}
    return ShopEvent(f"{visitor}-{at:%d-%H%M}", APP, "shop.product.viewed", at, about)


def on(day: date, clock: str) -> datetime:
    """An instant by the clock of the market."""
    return datetime.combine(day, datetime.strptime(clock, "%H:%M").time(), ZONE)


@dataclass
class Shop:
    """A home into which the shop delivers."""

    app: App
    files: Path

    def deliver(self, day: date) -> None:
        """Land what the shop delivers on a day; some of it is of the day before."""
        for file in SAMPLE.deliver(day, self.files):
            self.app.land("shop_plugin", file)

    def send(self, name: str, events: Iterable[ShopEvent]) -> None:
        """Land a file of literal events."""
        lines = "".join(f"{json.dumps(event.content())}\n" for event in events)
        file = self.files / name
        file.write_bytes(gzip.compress(lines.encode(), mtime=0))
        self.app.land("shop_plugin", file)

    def run(self) -> dict[str, Result]:
        return {result.dataset: result for result in self.app.run([DAILY])}

    def rows(self, name: str) -> pa.Table:
        return self.app.lake.table(name).scan().to_arrow()

    def sessions_of(self, visitor: str) -> list[dict[str, Any]]:
        rows = self.rows(VISITS).to_pylist()
        return sorted((row for row in rows if row["visitor_id"] == visitor), key=lambda row: row["started_at"])

    def differences(self) -> int:
        """How many sessions are not those of the definition, or are missing."""
        with duckdb.connect() as connection:
            connection.register("interaction", self.rows("events.interaction"))
            connection.register("published", self.rows(VISITS).drop_columns(["session_id"]))
            connection.execute(f"create table defined as {DEFINITION}")
            published, defined = "select * from published", "select * from defined"
            both_ways = f"({published} except all {defined}) union all ({defined} except all {published})"
            return len(connection.sql(both_ways).fetchall())


@pytest.fixture(scope="module")
def shop(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("sessions")
    (folder / "files").mkdir()
    return Shop(open_home(folder, spark, only=[DAILY]), folder / "files")


def test_chapter_1_the_sessions_are_those_of_the_definition(shop: Shop) -> None:
    for day in DAYS[:3]:
        shop.deliver(day)
    night = [looked("night", on(DAYS[0], "23:50")), looked("night", on(DAYS[1], "00:10"))]
    robot = [looked("robot", on(DAYS[0], "18:00") + timedelta(minutes=20 * step)) for step in range(150)]
    shop.send("literal.jsonl.gz", [*night, *robot])

    results = shop.run()

    published = {name for name, result in results.items() if result.outcome is Outcome.PUBLISHED}
    assert published == fed_by(shop.app, "shop_plugin") & results.keys(), results
    assert results[VISITS].committed == tuple(day.isoformat() for day in ALL_DAYS[:4])
    assert shop.differences() == 0


def test_chapter_2_a_session_over_midnight_is_one_row(shop: Shop) -> None:
    (night,) = shop.sessions_of("night")

    assert (night["day"], night["interactions"], night["duration_seconds"]) == (DAYS[0], 2, 1200)


def test_chapter_3_a_robot_that_never_rests_has_a_session_a_day(shop: Shop) -> None:
    robot = shop.sessions_of("robot")

    assert [row["started_at"] for row in robot] == [on(day, "18:00") for day in DAYS[:3]]
    assert [row["interactions"] for row in robot] == [72, 72, 6]


def test_chapter_4_another_run_commits_nothing(shop: Shop) -> None:
    assert {result.outcome for result in shop.run().values()} == {Outcome.UNCHANGED}


def test_chapter_5_a_late_interaction_restates_the_day_its_session_starts_on_and_no_other(shop: Shop) -> None:
    shop.send("late.jsonl.gz", [looked("night", on(DAYS[1], "00:30"))])

    results = shop.run()

    assert results["events.interaction"].committed == (DAYS[1].isoformat(),)
    assert results[VISITS].committed == (DAYS[0].isoformat(),)
    (night,) = shop.sessions_of("night")
    assert (night["day"], night["interactions"], night["duration_seconds"]) == (DAYS[0], 3, 2400)
    assert shop.differences() == 0


def test_chapter_6_a_late_start_moves_all_sessions_of_a_robot_through_the_state_that_is_carried(shop: Shop) -> None:
    shop.send("early.jsonl.gz", [looked("robot", on(DAYS[0], "17:40"))])

    results = shop.run()

    assert results["events.interaction"].committed == (DAYS[0].isoformat(),)
    assert results[VISITS].committed == tuple(day.isoformat() for day in DAYS[:3])
    assert [row["started_at"] for row in shop.sessions_of("robot")] == [on(day, "17:40") for day in DAYS[:3]]
    assert shop.differences() == 0


def test_chapter_7_a_new_day_with_late_interactions_of_the_day_before(shop: Shop) -> None:
    shop.deliver(DAYS[3])

    results = shop.run()

    assert results[VISITS].committed == (DAYS[2].isoformat(), DAYS[3].isoformat())
    assert shop.differences() == 0


def test_chapter_8_the_mart_counts_every_session_once(shop: Shop) -> None:
    sessions = shop.rows(VISITS).to_pylist()
    columns = "day, sessions, interactions, bounces"
    _, rows = query(shop.app.settings.warehouse_file, f"select {columns} from marts.sessions_daily order by day")

    of_day = {day: [row["interactions"] for row in sessions if row["day"] == day] for day in ALL_DAYS}
    assert [tuple(row) for row in rows] == [
        (day, len(counts), sum(counts), counts.count(1)) for day, counts in of_day.items()
    ]
