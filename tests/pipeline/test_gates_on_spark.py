"""What is too much for the memory of one process is gated by Spark, and ends no other way."""

from pathlib import Path

from pyspark.sql import SparkSession

from infra.loop.result import Outcome
from tests.support.home import deliver, open_home, order_line

RAW, EVENTS, FEATURE = "raw.retail_export", "events.order_line", "features.user_value"


def test_a_price_that_no_shop_asks_for_is_held_and_the_rest_goes_out(spark: SparkSession, tmp_path: Path) -> None:
    app = open_home(tmp_path, spark, only=[FEATURE], gate_pandas_rows=0, gate_duckdb_rows=0)
    deliver(app, tmp_path, "good.csv", [order_line("500001"), order_line("500001")])
    first = {result.dataset: result for result in app.run()}
    deliver(app, tmp_path, "absurd.csv", [order_line("500002", at="2026-03-03 10:00:00", price="99999999.99")])

    second = {result.dataset: result for result in app.run()}

    assert {first[name].outcome for name in (RAW, EVENTS, FEATURE)} == {Outcome.PUBLISHED}
    assert (second[EVENTS].outcome, second[EVENTS].committed) == (Outcome.PUBLISHED, ())
    assert second[EVENTS].detail.startswith("retail_export: ")
    assert [row["order_id"] for row in app.lake.table(EVENTS).scan().to_arrow().to_pylist()] == ["500001"]
