"""Promises of freshness: pure on plain values, then on the tables of a small home."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from infra.app.app import App
from infra.app.errors import LateError
from infra.app.freshness import Backlog, Late, backlogs, late_datasets, late_sources, latencies, newly
from infra.app.status import status
from tests.support.home import deliver, open_home, order_line

MONDAY, TUESDAY, WEDNESDAY = (datetime(2026, 3, day, 12, 0, tzinfo=UTC) for day in (2, 3, 4))
DAY = timedelta(days=1)
INPUTS = {
    "raw.shop": (),
    "events.order": ("raw.shop",),
    "events.visit": (),
    "marts.sales": ("events.order", "events.visit"),
}
ABSURD = order_line("500009", price="99999999.99")


def test_a_source_is_late_when_nothing_came_for_longer_than_it_promises() -> None:
    (late,) = late_sources({"raw.shop": DAY}, {"raw.shop": MONDAY}, TUESDAY + timedelta(minutes=1))

    assert (late.dataset, late.since) == ("raw.shop", TUESDAY)
    assert late.why == "nothing has come since 2026-03-02 12:00Z, though something should every 1 d"


def test_a_source_is_not_late_to_the_minute_nor_before_it_ever_delivered() -> None:
    assert late_sources({"raw.shop": DAY, "raw.new": DAY}, {"raw.shop": MONDAY}, TUESDAY) == []


def test_a_backlog_reaches_all_readers_and_names_where_it_lies() -> None:
    found = backlogs(INPUTS, {"events.order": MONDAY})

    assert found == {"events.order": Backlog(MONDAY, "events.order"), "marts.sales": Backlog(MONDAY, "events.order")}


def test_of_two_backlogs_the_older_one_counts() -> None:
    found = backlogs(INPUTS, {"events.order": TUESDAY, "events.visit": WEDNESDAY, "marts.sales": MONDAY})

    assert found["marts.sales"] == Backlog(MONDAY, "marts.sales")


def test_what_promises_nothing_itself_promises_the_least_of_what_it_reads() -> None:
    promised = latencies(INPUTS, {"events.order": DAY, "events.visit": 2 * DAY})

    assert promised == {"events.order": DAY, "events.visit": 2 * DAY, "marts.sales": 2 * DAY}


def test_a_dataset_is_late_once_its_backlog_is_older_than_it_promises() -> None:
    promised, found = {"marts.sales": DAY}, {"marts.sales": Backlog(MONDAY, "events.order")}
    states = {"events.order": "held", "marts.sales": "waits"}

    (late,) = late_datasets(promised, found, states, WEDNESDAY)

    assert late_datasets(promised, found, states, TUESDAY) == []
    assert (late.dataset, late.since) == ("marts.sales", TUESDAY)
    assert late.why == "what came 2026-03-02 12:00Z is not in it after 1 d: events.order is held"


def test_told_is_what_became_late_since_the_check_before() -> None:
    old, new = (Late(name, since, "", "") for name, since in (("raw.a", MONDAY), ("raw.b", TUESDAY)))

    assert newly([old, new], MONDAY) == [new]
    assert newly([old, new], TUESDAY) == []
    assert newly([old, new], None) == [old, new]


def in_days(days: float) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


def late_in(app: App, days: float) -> dict[str, str]:
    return {row.dataset: row.late.why for row in status(app, in_days(days)) if row.late}


@pytest.fixture
def app(spark: SparkSession, tmp_path: Path) -> App:
    app = open_home(tmp_path, spark)
    deliver(app, tmp_path, "first.csv.gz", [order_line("500001")])
    return app


def test_an_empty_home_is_never_late(spark: SparkSession, tmp_path: Path) -> None:
    assert late_in(open_home(tmp_path, spark), 100) == {}


def test_what_was_landed_and_not_taken_in_makes_late_what_would_show_it(app: App) -> None:
    late = late_in(app, 1.5)

    assert {"raw.retail_export", "events.order_line", "features.purchase_30d", "marts.growth_daily"} <= set(late)
    assert "raw.retail_export is never built" in late["marts.growth_daily"]
    assert late_in(app, 0.5) == {}


def test_level_datasets_are_not_late_though_their_source_is(app: App) -> None:
    app.run(["features.purchase_30d"])

    late = late_in(app, 1.5)

    assert "nothing has come since" in late["raw.retail_export"]
    assert not {"events.order_line", "features.purchase_30d"} & set(late)


def test_held_rows_are_late_until_they_are_out(app: App, tmp_path: Path) -> None:
    app.run(["features.purchase_30d"])
    deliver(app, tmp_path, "absurd.csv.gz", [ABSURD])
    app.run(["features.purchase_30d"])
    deliver(app, tmp_path, "third.csv.gz", [order_line("500003", at="2026-03-20 10:00:00")])
    app.run(["features.purchase_30d"])

    late = late_in(app, 1.5)

    assert "it is held" in late["events.order_line"]
    assert "events.order_line is held" in late["features.purchase_30d"]


def test_a_check_fails_for_what_is_late_and_tells_it_once(
    app: App, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from infra.app import tasks

    monkeypatch.setattr(tasks, "App", lambda: App(app.settings))
    with pytest.raises(LateError, match=r"events.order_line: what came .* is not in it after 1 d"):
        tasks.check_freshness(in_days(0.9), in_days(1.5))
    told = caplog.text.count("events.order_line is late")
    with pytest.raises(LateError):
        tasks.check_freshness(in_days(1.5), in_days(1.6))

    assert (told, caplog.text.count("events.order_line is late")) == (1, 1)
