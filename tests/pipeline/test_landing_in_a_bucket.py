"""The loop does not know where delivered objects are kept: in a bucket they lead to the same tables."""

import shutil
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from infra.app.app import App
from infra.app.kinds.landing_objects import OBJECTS
from infra.loop.result import Outcome, Result
from tests.support.home import deliver, hashes, open_home, order_line
from tests.support.object_server import ObjectServer

RAW = "raw.retail_export"
EVENTS = "events.order_line"
DATASETS = (OBJECTS, RAW, EVENTS, "features.user_value")


def bring(app: App, folder: Path) -> None:
    """A day, a second one, and a correction of the first."""
    wrong = deliver(app, folder, "1.csv.gz", [order_line("500001"), order_line("500002", customer="10002.0")])
    deliver(app, folder, "2.csv.gz", [order_line("500003", at="2026-03-03 10:00:00")])
    run(app)
    deliver(app, folder, "1b.csv.gz", [order_line("500001", price="3.50")], (wrong,))


def run(app: App) -> dict[str, Result]:
    return {result.dataset: result for result in app.run(DATASETS)}


@pytest.mark.slow
def test_the_tables_are_those_of_a_landing_folder(
    spark: SparkSession, tmp_path: Path, object_server: ObjectServer, bucket: str
) -> None:
    inside = object_server.landing_in(bucket)
    folder, in_bucket = open_home(tmp_path / "a", spark), open_home(tmp_path / "b", spark, **inside)
    for app in (folder, in_bucket):
        bring(app, tmp_path / "files")
        results = run(app)
        assert {name: results[name].outcome for name in DATASETS} == dict.fromkeys(DATASETS, Outcome.PUBLISHED)

    rows = in_bucket.lake.table(OBJECTS).scan().to_arrow().to_pylist()
    assert hashes(in_bucket, DATASETS[1:]) == hashes(folder, DATASETS[1:])
    assert {row["path"].startswith(f"s3://{bucket}/landing/retail_export/") for row in rows} == {True}
    assert not in_bucket.settings.landing_dir.exists()


@pytest.mark.fault(43, how="other bytes in the place of a landed object in a bucket")
def test_a_flipped_byte_stops_the_build_and_nothing_is_published(
    spark: SparkSession, tmp_path: Path, object_server: ObjectServer, bucket: str
) -> None:
    inside = object_server.landing_in(bucket)
    app = open_home(tmp_path, spark, **inside)
    sha256 = deliver(app, tmp_path / "files", "1.csv", [order_line("500001")])
    (tmp_path / "flipped").write_bytes(b"flipped")
    app.landing.store.put_file(f"retail_export/{sha256}/1.csv", tmp_path / "flipped")

    results = run(app)

    assert results[OBJECTS].outcome is Outcome.FAILED
    assert "1.csv: these are not the bytes that were landed" in str(results[OBJECTS].detail)
    assert all(result.outcome is not Outcome.PUBLISHED for result in results.values())


@pytest.mark.parametrize("holds", ["nothing", "another home's objects"])
def test_a_landing_store_that_is_suddenly_another_takes_nothing_out_of_the_tables(
    spark: SparkSession, tmp_path: Path, holds: str
) -> None:
    app = open_home(tmp_path, spark)
    deliver(app, tmp_path / "files", "1.csv", [order_line("500001")])
    run(app)
    before = hashes(app, (RAW, EVENTS))
    shutil.rmtree(app.settings.landing_dir)
    if holds != "nothing":
        deliver(app, tmp_path / "files", "2.csv", [order_line("500002")])

    results = run(app)

    assert results[OBJECTS].outcome is Outcome.FAILED
    assert "1 of the 1 objects that are known are not in this landing store" in str(results[OBJECTS].detail)
    assert hashes(app, (RAW, EVENTS)) == before
