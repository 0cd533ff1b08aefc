"""All marts that are due are built by one call of dbt; what goes wrong with one of them stays its own."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from infra.app.app import App
from infra.app.dbt_outcome import MartResult, not_built
from infra.app.dbt_project import DbtProject
from infra.loop.result import Outcome
from tests.support.home import deliver, open_home, order_line

MARTS = {"marts.growth_daily", "marts.repeat_purchase", "marts.retention_cohort", "marts.source_balance"}
Calls = list[tuple[str, ...]]


@pytest.fixture
def app(spark: SparkSession, tmp_path: Path) -> App:
    """A home with one delivery."""
    app = open_home(tmp_path, spark, only=MARTS)
    deliver(app, tmp_path, "first.csv.gz", [order_line()])
    return app


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """The marts of each call of dbt; a call for several says that the machine broke under one of them."""
    made: Calls = []
    build = DbtProject.build

    def spied(self: DbtProject, marts: list[str], **given: object) -> dict[str, MartResult]:
        made.append(tuple(sorted(marts)))
        results = build(self, marts, **given)  # type: ignore[arg-type]
        return results | {name: not_built(name, "no space", crashed=True) for name in marts if name in broken(made)}

    def broken(made: Calls) -> tuple[str, ...]:
        return ("marts.growth_daily",) if len(made[-1]) > 1 else ()

    monkeypatch.setattr(DbtProject, "build", spied)
    return made


def test_due_marts_share_a_call_and_one_that_broke_in_it_is_tried_alone(app: App, calls: Calls) -> None:
    results = {result.dataset: result for result in app.run()}

    assert {results[name].outcome for name in MARTS} == {Outcome.PUBLISHED}
    assert [len(call) > 1 for call in calls] == [True, False]
    assert set(calls[0]) >= MARTS
    assert calls[1] == ("marts.growth_daily",)


def test_each_mart_counts_its_part_of_the_time(app: App) -> None:
    results = {result.dataset: result for result in app.run()}

    assert all(results[name].seconds["build"] > 0 for name in MARTS)


def test_nothing_of_the_call_is_left(app: App) -> None:
    app.run()

    assert not list((app.settings.work_dir / "staging").glob("*.duckdb*"))


def test_where_they_cannot_share_each_is_built_alone(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    build = DbtProject.build

    def alone(self: DbtProject, marts: list[str], **given: object) -> dict[str, MartResult]:
        if len(marts) > 1:
            raise OSError("disk full")
        return build(self, marts, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(DbtProject, "build", alone)
    results = {result.dataset: result for result in app.run()}

    assert {results[name].outcome for name in MARTS} == {Outcome.PUBLISHED}
