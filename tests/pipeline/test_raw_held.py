"""A source whose records are held holds back nobody else: its events stay as they were, the others go on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from pyspark.sql import SparkSession

from infra.app.app import App
from infra.app.datasets import Project
from infra.app.settle import on_the_way
from infra.app.status import DatasetStatus, status
from infra.loop.result import Outcome
from tests.support.home import SOURCE, deliver, fed_by, hashes, open_home, order_line
from tests.support.wider import deliver_stall, wider_project

RAW, EVENTS, GROWTH, BALANCE = "raw.market_stall", "events.order_line", "marts.growth_daily", "marts.source_balance"
LOOKED_AT = ["features.user_value", GROWTH, BALANCE]
SHOP = [order_line("500001"), order_line("500002", at="2026-03-03 10:00:00")]
STALL = ["T1;1001;3;2.00;2026-03-02T12:00:00", "T2;1001;3;2.00;2026-03-03T12:00:00"]
UNREADABLE = ["T2;1001;many;2.00;2026-03-03T12:00:00", "T3;1001;more;2.00;2026-03-03T12:00:00", STALL[1]]


@dataclass
class Market:
    """A home of two sources that have delivered 2 March; then the stall writes what cannot be read."""

    app: App
    folder: Path
    unreadable: str = ""

    def run(self, names: Sequence[str] = (), *, alone: bool = False) -> dict[str, Outcome]:
        return {result.dataset: result.outcome for result in self.app.run(names, alone=alone)}

    def status(self) -> dict[str, DatasetStatus]:
        return {row.dataset: row for row in status(self.app)}

    def published(self) -> list[str]:
        return sorted(row["order_id"] for row in self.app.lake.table(EVENTS).scan().to_arrow().to_pylist())


@pytest.fixture
def market(spark: SparkSession, tmp_path: Path) -> Iterator[Market]:
    with wider_project(tmp_path) as project:
        _allow_half_to_be_quarantined(project)
        market = Market(open_home(tmp_path, spark, project, only=LOOKED_AT), tmp_path)
        deliver(market.app, tmp_path, "shop-1.csv", SHOP[:1])
        deliver_stall(market.app, tmp_path, "stall-1.csv", STALL[:1])
        market.run()
        deliver(market.app, tmp_path, "shop-2.csv", SHOP[1:])
        market.unreadable = deliver_stall(market.app, tmp_path, "stall-2.csv", UNREADABLE)
        yield market


def test_the_others_go_on_from_its_published_version_and_it_catches_up(market: Market, spark: SparkSession) -> None:
    outcomes = market.run()

    assert market.published() == ["500001", "500002", "T1"]
    assert (outcomes[RAW], outcomes[EVENTS], outcomes[GROWTH]) == (Outcome.HELD, Outcome.PUBLISHED, Outcome.PUBLISHED)
    # It would show an object of which no record is decoded.
    assert outcomes[BALANCE] is Outcome.WAITS
    found = market.status()
    assert {name: found[name].state for name in (RAW, EVENTS, GROWTH)} == {
        RAW: "held",
        EVENTS: "level",
        GROWTH: "level",
    }
    assert {found[name].behind for name in (EVENTS, GROWTH)} == {(RAW,)}
    assert set(market.run().values()) == {Outcome.UNCHANGED, Outcome.HELD, Outcome.WAITS}

    deliver_stall(market.app, market.folder, "stall-2b.csv", STALL[1:], [market.unreadable])
    market.run()

    found = market.status()
    assert {name for name, row in found.items() if row.state == "level"} == fed_by(market.app, SOURCE, "market_stall")
    assert {row.behind for row in found.values()} == {()}
    assert hashes(market.app, [EVENTS, GROWTH]) == _built_at_once(market, spark)


def test_so_they_do_where_each_layer_is_brought_level_by_itself(market: Market) -> None:
    raw = ["raw.objects", f"raw.{SOURCE}", RAW]

    outcomes = [market.run(names, alone=True) for names in (raw, [EVENTS], ["features.user_value"], [GROWTH, BALANCE])]

    assert outcomes[0][RAW] is Outcome.HELD
    went_out = {name for layer in outcomes[1:] for name, outcome in layer.items() if outcome is Outcome.PUBLISHED}
    assert went_out == {EVENTS, "features.user_value", GROWTH}
    assert outcomes[-1][BALANCE] is Outcome.WAITS
    assert market.published() == ["500001", "500002", "T1"]
    # A build that waits for what is about to come does not wait for what is held.
    assert list(on_the_way(market.app, [EVENTS])) == []


def _built_at_once(market: Market, spark: SparkSession) -> dict[str, str]:
    other = open_home(market.folder / "other", spark, market.app.datasets.project, only=LOOKED_AT)
    deliver(other, market.folder, "shop-1.csv", SHOP[:1])
    deliver(other, market.folder, "shop-2.csv", SHOP[1:])
    deliver_stall(other, market.folder, "stall-1.csv", STALL[:1])
    deliver_stall(other, market.folder, "stall-2b.csv", STALL[1:])
    other.run([EVENTS, GROWTH])
    return hashes(other, [EVENTS, GROWTH])


def _allow_half_to_be_quarantined(project: Project) -> None:
    path = project.contracts / "raw" / "market_stall.odcs.yaml"
    content = yaml.safe_load(path.read_text())
    content["schema"][0]["quality"] = [
        {
            "name": "at most half is quarantined",
            "type": "custom",
            "engine": "great-expectations",
            "severity": "critical",
            "implementation": {
                "type": "expect_column_values_to_be_null",
                "kwargs": {"column": "reason", "mostly": 0.5},
            },
        }
    ]
    path.write_text(yaml.safe_dump(content, sort_keys=False))
