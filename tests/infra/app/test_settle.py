"""A build waits a moment for what is about to be published, and for nothing else."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from pyspark.sql import SparkSession

from infra.app import settle, steps
from infra.app.app import App
from infra.lake.locks import try_table_lock
from tests.support.home import deliver, open_home, order_line

OBJECTS, RAW, EVENTS = ["raw.objects"], ["raw.retail_export"], ["events.order_line"]


@pytest.fixture
def app(spark: SparkSession, tmp_path: Path) -> App:
    """A home with a delivery that is registered and not built yet."""
    app = open_home(tmp_path, spark, only=["features.user_value"], engine_slots=2)
    deliver(app, tmp_path, "first.csv.gz", [order_line()])
    app.run(OBJECTS)
    return app


def sleep_by(
    monkeypatch: pytest.MonkeyPatch, sleep: Callable[[float], object], now: Callable[[], float] = time.monotonic
) -> None:
    """Let something else happen where a build would sleep; everybody else's clock goes on."""
    monkeypatch.setattr(settle, "time", SimpleNamespace(monotonic=now, sleep=sleep))


def test_a_reader_waits_until_what_it_reads_is_published(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    run = steps.build(app, RAW).run
    steps.gate(app, RAW, run)
    sleep_by(monkeypatch, lambda _: steps.publish(app, RAW, run))

    assert set(settle.on_the_way(app, EVENTS)) == {*RAW}
    settle.settle(app, EVENTS)

    assert set(settle.on_the_way(app, EVENTS)) == set()
    assert app.datasets.find("raw.retail_export").published() is not None


def test_a_reader_waits_for_what_has_yet_to_take_in_what_came_a_moment_ago(app: App) -> None:
    app.prepare()

    assert set(settle.on_the_way(app, EVENTS)) == {*RAW}


def test_nobody_waits_for_what_dead_runs_left_nor_for_longer_than_a_moment(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps.build(app, RAW)
    waited: list[float] = []
    sleep_by(monkeypatch, waited.append, lambda: 10.0 * len(waited))
    settle.settle(app, EVENTS)
    monkeypatch.setattr(settle, "LATELY", timedelta(0))

    assert set(settle.on_the_way(app, EVENTS)) == set()
    assert len(waited) == 3


def test_what_is_built_itself_or_reads_nothing_of_it_does_not_wait(app: App) -> None:
    steps.build(app, RAW)

    assert set(settle.on_the_way(app, RAW)) == set()
    assert set(settle.on_the_way(app, ["features.user_value"])) == set()


def test_one_waits_at_a_time_so_that_what_it_waits_for_finds_a_slot(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    steps.build(app, RAW)
    sleep_by(monkeypatch, lambda _: pytest.fail("it waits"))

    with try_table_lock(app.settings, settle.WAITING):
        settle.settle(app, EVENTS)


def test_what_is_not_there_yet_is_not_planned(app: App) -> None:
    app.prepare_unless_there(app.datasets.find(EVENTS[0]))

    assert set(settle.on_the_way(app, ["features.user_value"])) == set()


def test_where_there_is_one_slot_nobody_waits_for_himself(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    steps.build(app, RAW)
    app.settings = app.settings.model_copy(update={"engine_slots": 1})
    sleep_by(monkeypatch, lambda _: pytest.fail("it waits"))

    settle.settle(app, EVENTS)
