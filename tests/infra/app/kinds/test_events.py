"""An events table that no source has delivered to costs the other sources nothing."""

from pathlib import Path

from pyspark.sql import SparkSession

from infra.app.status import status
from infra.loop.run import Outcome
from tests.support.home import deliver, open_home, order_line


def test_before_its_first_delivery_there_is_nothing_to_do_whatever_others_delivered(
    spark: SparkSession, tmp_path: Path
) -> None:
    app = open_home(tmp_path, spark)
    deliver(app, tmp_path, "2026-03-02.csv.gz", [order_line()])
    app.run(["events.order_line"])

    results = {result.dataset: result for result in app.run(["events.interaction"])}

    assert results["events.interaction"].outcome is Outcome.UNCHANGED
    assert {row.dataset: row.state for row in status(app)}["events.interaction"] == "no input"
