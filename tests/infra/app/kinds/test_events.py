"""An events table that no source has delivered to costs the other sources nothing."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from infra.app.kinds.events import Events
from infra.loop.run import Outcome
from tests.support.home import deliver, open_home, order_line


def test_before_its_first_delivery_a_table_follows_the_days_of_others_without_building_any(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_home(tmp_path, spark)
    deliver(app, tmp_path, "2026-03-02.csv.gz", [order_line()])
    app.run(["events.order_line"])
    monkeypatch.setattr(Events, "rows", compute_nothing)

    results = {result.dataset: result for result in app.run(["events.interaction"])}

    assert (results["events.interaction"].outcome, results["events.interaction"].committed) == (Outcome.PUBLISHED, ())


def compute_nothing(*_: object) -> None:
    raise AssertionError("there is nothing to compute")
