"""Two platforms feed one table: what is wrong with one of them holds back neither the other nor what reads it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from pyspark.sql import SparkSession

from infra.app.app import App
from infra.app.datasets import Project
from infra.app.status import status
from infra.loop.result import Outcome, Result
from tests.support.home import SOURCE, deliver, fed_by, open_home, order_line
from tests.support.wider import deliver_stall, wider_project

EVENTS, BASKET, BASKET_SIZE = "events.order_line", "features.basket_day", "marts.basket_size"
MARTS = ["marts.growth_daily", BASKET_SIZE]


@dataclass
class Market:
    """A home with two sources; each test lives in one of its own."""

    spark: SparkSession
    folder: Path
    project: Project
    app: App

    def run(self) -> dict[str, Result]:
        return {result.dataset: result for result in self.app.run()}

    def states(self) -> dict[str, str]:
        return {row.dataset: row.state for row in status(self.app)}

    def level(self) -> set[str]:
        return {name for name, state in self.states().items() if state == "level"}

    def published(self) -> list[tuple[str, str]]:
        rows = self.app.lake.table(EVENTS).scan().to_arrow().to_pylist()
        return sorted((row["source"], row["order_id"]) for row in rows)


@pytest.fixture
def market(spark: SparkSession, tmp_path: Path) -> Iterator[Market]:
    with wider_project(tmp_path) as project:
        market = Market(spark, tmp_path, project, open_home(tmp_path, spark, project, only=MARTS))
        deliver(market.app, tmp_path, "first.csv.gz", [order_line("500001")])
        deliver_stall(market.app, tmp_path, "first.csv", ["T1;1001;3;2.00;2026-03-02T12:00:00"])
        market.run()
        yield market


def test_a_failing_source_is_held_and_the_others_rows_of_the_same_day_go_out(market: Market) -> None:
    absurd = order_line("500002", at="2026-03-03 10:00:00", price="99999999.99")
    held = deliver(market.app, market.folder, "absurd.csv.gz", [absurd])
    deliver_stall(market.app, market.folder, "second.csv", ["T2;1001;3;2.00;2026-03-03T12:00:00"])

    market.run()

    assert market.published() == [("market_stall", "T1"), ("market_stall", "T2"), ("retail_export", "500001")]
    assert market.states()[EVENTS] == "held"

    mended = order_line("500002", at="2026-03-03 10:00:00", price="99.99")
    deliver(market.app, market.folder, "mended.csv.gz", [mended], [held])
    assert market.run()[EVENTS].committed == ("2026-03-03",)

    assert ("retail_export", "500002") in market.published()
    assert market.level() == fed_by(market.app, SOURCE, "market_stall")


def test_readers_of_a_held_feature_wait_and_catch_up(market: Market) -> None:
    _forbid_more_than(market.project, 10)
    market.app = open_home(market.folder, market.spark, market.project, only=MARTS)
    big = deliver_stall(market.app, market.folder, "big.csv", ["T3;1001;50;2.00;2026-03-02T12:00:00"])

    results = market.run()

    assert (results[BASKET].outcome, results[BASKET_SIZE].outcome) == (Outcome.HELD, Outcome.WAITS)
    assert results["marts.growth_daily"].outcome is Outcome.PUBLISHED
    states = market.states()
    assert (states[BASKET], states[BASKET_SIZE], states[EVENTS]) == ("held", "waits", "level")

    deliver_stall(market.app, market.folder, "small.csv", ["T3;1001;5;2.00;2026-03-02T12:00:00"], [big])
    caught_up = market.run()

    assert {caught_up[BASKET].outcome, caught_up[BASKET_SIZE].outcome} == {Outcome.PUBLISHED}
    assert market.level() == fed_by(market.app, SOURCE, "market_stall")


def test_a_source_that_is_taken_away_takes_its_events_with_it(market: Market) -> None:
    (market.project.contracts / "raw" / "market_stall.odcs.yaml").unlink()
    market.app = open_home(market.folder, market.spark, market.project, only=MARTS)

    market.run()

    assert market.published() == [("retail_export", "500001")]


def _forbid_more_than(project: Project, pieces: int) -> None:
    path = project.contracts / "features" / "basket_day.odcs.yaml"
    content = yaml.safe_load(path.read_text())
    column = next(c for c in content["schema"][0]["properties"] if c["name"] == "pieces")
    column["logicalTypeOptions"] = {"maximum": pieces}
    path.write_text(yaml.safe_dump(content, sort_keys=False))
