"""What the world's platforms deliver is taken in as their ledger says, record by record."""

from collections import Counter
from datetime import date
from pathlib import Path

import pyarrow.dataset as ds
from pyspark.sql import SparkSession

from infra.app.pull import pull
from infra.simulator.simulate import simulate
from infra.simulator.wire.dirt import LEVELS
from infra.simulator.world.world import Setting
from tests.support.home import open_home

SOURCE = "shop_plugin"


def test_each_delivered_line_is_taken_in_or_refused_as_the_ledger_says(spark: SparkSession, tmp_path: Path) -> None:
    simulate(Setting(500, date(2026, 3, 2)), 1, LEVELS["heavy"], tmp_path / "out")
    app = open_home(tmp_path, spark)
    inbox = app.settings.inbox_dir / SOURCE
    inbox.mkdir(parents=True)
    for file in (tmp_path / "out" / "deliveries").glob(f"*/{SOURCE}/*"):
        file.rename(inbox / file.name)
    assert not pull(app, SOURCE).refused

    app.run(["events.interaction", "events.order_line"])

    everything = ds.dataset(tmp_path / "out" / "truth" / "ledger").to_table().to_pylist()
    ledger = [row for row in everything if row["source"] == SOURCE]
    taken_in = app.lake.table(f"raw.{SOURCE}").scan().to_arrow().to_pylist()
    told = {(row["object"], row["line"]): (row["target"], row["event_day"], row["reason"]) for row in ledger}
    found = {(r["object_name"], r["position"]): (r["target"], r["event_day"], r["reason"]) for r in taken_in}
    assert found == told
    good = Counter(row["target"] for row in ledger if row["verdict"] == "good")
    assert {name: app.lake.table(name).scan().count() for name in good} == dict(good)
