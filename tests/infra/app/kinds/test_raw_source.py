"""How records reach their table, few of them and many."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from infra.app.app import App
from infra.app.kinds import raw_source
from infra.app.show import dataset_hash
from tests.support.home import deliver, open_home, order_line

RAW = "raw.retail_export"


@pytest.fixture
def app(spark: SparkSession, tmp_path: Path) -> App:
    """A home with two objects of one day that nobody took in."""
    app = open_home(tmp_path, spark, only=[])
    for number in (1, 2):
        deliver(app, tmp_path, f"{number}.csv", [order_line(f"50000{number}")])
    return app


def files_of(app: App) -> int:
    return len(list(app.lake.table(RAW).scan().plan_files()))


def test_few_records_of_a_day_are_one_file_whatever_objects_they_came_in(app: App) -> None:
    app.run([RAW])

    assert files_of(app) == 1


def test_many_records_are_written_where_they_were_decoded_and_are_the_same(
    app: App, spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.run([RAW])
    many = open_home(tmp_path / "many", spark, only=[])
    for number in (1, 2):
        deliver(many, tmp_path / "many", f"{number}.csv", [order_line(f"50000{number}")])
    monkeypatch.setattr(raw_source, "TOGETHER_RECORDS", 1)

    many.run([RAW])

    assert files_of(many) == 2
    assert dataset_hash(many, RAW) == dataset_hash(app, RAW)
