"""Few rows of a day are one file; many are written by the tasks that have them, and are the same rows."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from infra.app import session
from infra.app.app import App
from infra.app.show import dataset_hash
from tests.support.home import deliver, open_home, order_line
from tests.support.retail_sample import Line

RAW, EVENTS = TABLES = ("raw.retail_export", "events.order_line")
OBJECTS = 2


def carried(folder: Path, spark: SparkSession, again: Sequence[Line] = ()) -> App:
    """A home in which order lines came in two objects: twenty each of one day, and those that came in both."""
    app = open_home(folder, spark, only=[])
    for number in range(OBJECTS):
        deliver(app, folder, f"{number}.csv", [order_line(f"50{number}{line:03}") for line in range(20)] + [*again])
    app.run(TABLES)
    return app


def files_of(app: App, table: str) -> int:
    return len(list(app.lake.table(table).scan().plan_files()))


@pytest.mark.parametrize(("together", "files"), [(session.TOGETHER_ROWS, 1), (OBJECTS * 20, 1), (OBJECTS * 20 - 1, 2)])
def test_how_many_rows_there_are_decides_who_writes_them(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, together: int, files: int
) -> None:
    monkeypatch.setattr(session, "TOGETHER_ROWS", together)

    app = carried(tmp_path, spark)

    assert [files_of(app, table) for table in TABLES] == [files, files]


def test_many_rows_are_the_same_as_few(spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    again = [order_line("600001"), order_line("600001", at="2026-03-02 11:00:00")]
    few = carried(tmp_path / "few", spark, again)
    monkeypatch.setattr(session, "TOGETHER_ROWS", 1)

    many = carried(tmp_path / "many", spark, again)

    assert files_of(many, EVENTS) > files_of(few, EVENTS)
    assert few.lake.table(EVENTS).scan().count() == OBJECTS * 20 + len(again)
    assert [dataset_hash(many, table) for table in TABLES] == [dataset_hash(few, table) for table in TABLES]


@pytest.mark.parametrize(("together", "files"), [(OBJECTS * 20, 2), (OBJECTS * 20 - 1, 3)])
def test_the_largest_day_decides_who_writes_the_events_of_several(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, together: int, files: int
) -> None:
    monkeypatch.setattr(session, "TOGETHER_ROWS", together)

    app = carried(tmp_path, spark, [order_line("600001", at="2026-03-03 10:00:00")])

    assert files_of(app, EVENTS) == files
