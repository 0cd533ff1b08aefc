"""An events table for which no source has delivered anything costs the others nothing."""

import json
from datetime import UTC, datetime
from pathlib import Path

from pyspark.sql import SparkSession

from infra.app.status import status
from infra.loop.result import Outcome
from tests.support.home import deliver, open_home, order_line
from tests.support.shop_session import APP, ShopEvent


def test_before_its_first_delivery_there_is_nothing_to_do_whatever_others_delivered(
    spark: SparkSession, tmp_path: Path
) -> None:
    app = open_home(tmp_path, spark)
    deliver(app, tmp_path, "2026-03-02.csv.gz", [order_line()])
    app.run(["events.order_line"])

    results = {result.dataset: result for result in app.run(["events.interaction"])}

    assert results["events.interaction"].outcome is Outcome.UNCHANGED
    assert {row.dataset: row.state for row in status(app)}["events.interaction"] == "no input"


def test_what_its_source_delivers_for_other_tables_neither_builds_nor_holds_it(
    spark: SparkSession, tmp_path: Path
) -> None:
    app = open_home(tmp_path, spark)
    look = ShopEvent(
        "1", APP, "shop.product.viewed", datetime(2026, 3, 2, tzinfo=UTC), {"visitor_id": "a", "product_id": "2001"}
    )
    (tmp_path / "a.jsonl").write_text(f"{json.dumps(look.content())}\n")
    app.land("shop_plugin", tmp_path / "a.jsonl")

    results = {result.dataset: result for result in app.run(["events.interaction", "events.order_line"])}

    assert results["events.interaction"].outcome is Outcome.PUBLISHED
    assert results["events.order_line"].outcome is Outcome.UNCHANGED
