"""A source, a feature and a mart are added by adding files only: planned, gated, published, documented."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from infra.app.app import App
from infra.app.pages import write_pages
from infra.app.show import show
from infra.app.survey import survey
from infra.app.warehouse import query
from infra.loop.result import Outcome
from tests.support.home import deliver, open_home, order_line
from tests.support.wider import deliver_stall, wider_project


@dataclass
class Wider:
    """A product with the added files, level with one delivery of each of its two sources."""

    app: App
    outcomes: dict[str, Outcome]
    forecast: list[str]


@pytest.fixture(scope="module")
def wider(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wider]:
    folder = tmp_path_factory.mktemp("wider")
    with wider_project(folder) as project:
        app = open_home(folder, spark, project)
        deliver(app, folder, "2026-03-02.csv.gz", [order_line(quantity=2)])
        deliver_stall(app, folder, "stall.csv", ["T1;1001;3;2.00;2026-03-02T12:00:00"])
        forecast = [entry.dataset for entry in survey(app) if not entry.is_level]
        results = app.run()
        assert not [r.detail for r in results if r.outcome is Outcome.FAILED]
        yield Wider(app, {result.dataset: result.outcome for result in results}, forecast)


@pytest.mark.parametrize("name", ["raw.market_stall", "features.basket_day", "marts.basket_size"])
def test_what_was_added_is_planned_gated_and_published(wider: Wider, name: str) -> None:
    assert name in wider.forecast
    assert wider.outcomes[name] is Outcome.PUBLISHED
    assert [verdict.verdict for verdict in wider.app.verdicts.of(name)] == ["passed"]


def test_the_rules_of_the_new_source_are_run_on_its_table(wider: Wider) -> None:
    (verdict,) = wider.app.verdicts.of("raw.market_stall")

    assert [check.passed for check in verdict.checks if check.column == "reason"] == [True]


def test_the_events_table_takes_in_the_new_source_by_itself(wider: Wider) -> None:
    rows = wider.app.lake.table("events.order_line").scan().to_arrow().to_pylist()

    assert {row["source"]: row["namespace"] for row in rows} == {"retail_export": "retail", "market_stall": "stall"}


def test_the_mart_shows_both_sources(wider: Wider) -> None:
    columns, rows = query(wider.app.settings.warehouse_file, "from marts.basket_size order by namespace")

    assert [dict(zip(columns, row, strict=True))["pieces_an_order"] for row in rows] == [2, 3]


def test_the_balance_closes_for_the_new_source(wider: Wider) -> None:
    sql = "select received, good, balanced from marts.source_balance where source = 'market_stall'"

    assert query(wider.app.settings.warehouse_file, sql)[1] == [(1, 1, True)]


def test_it_is_documented(wider: Wider, tmp_path: Path) -> None:
    index = write_pages(wider.app, tmp_path)

    text = index.read_text()
    assert all(name in text for name in ("raw.market_stall", "features.basket_day", "marts.basket_size"))
    assert (tmp_path / "datasets" / "features.basket_day.html").is_file()
    assert "basket_size" in (tmp_path / "dbt" / "index.html").read_text()


def test_show_finds_its_files_inputs_and_readers(wider: Wider) -> None:
    shown = show(wider.app, "features.basket_day")

    assert shown.readers == ("marts.basket_size",)
    assert "spark_jobs/features/basket_day.py" in shown.files
    assert shown.inputs[0].startswith("events.order_line")
