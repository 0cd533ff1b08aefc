"""A lost catalogue is rebuilt from the metadata files, to the very versions it pointed at."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest
from pyiceberg.schema import Schema
from pyiceberg.types import LongType, NestedField
from pyspark.sql import SparkSession

from infra.app.app import App
from infra.app.catalog_backup import CatalogExistsError, Restored, export, restore
from infra.lake.catalog import CATALOG_NAME, Lake
from infra.lake.settings import Settings
from infra.loop.result import Outcome
from tests.support.home import COMPUTED, deliver, hashes, open_home, order_line

VISITS = "features.visits"


@dataclass
class Loss:
    """A home whose catalogue was lost and rebuilt, and what it held before."""

    app: App
    restored: list[Restored]
    before: dict[str, str]
    exported: dict[str, str]


@pytest.fixture(scope="module")
def loss(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Loss:
    folder = tmp_path_factory.mktemp("lost_catalogue")
    first = open_home(folder, spark)
    deliver(first, folder, "2026-03-02.csv.gz", [order_line(), order_line(invoice="500002", customer="10002.0")])
    first.run()
    before, exported = hashes(first), export(first.lake)
    _lose_catalogue(first.settings)
    second = open_home(folder, spark)
    return Loss(second, restore(second.lake), before, exported)


def test_every_table_points_at_the_metadata_file_it_had(loss: Loss) -> None:
    assert set(COMPUTED) < set(loss.exported)
    assert export(loss.app.lake) == loss.exported
    assert {table.dataset for table in loss.restored} == set(loss.exported)


def test_every_dataset_has_the_rows_it_had(loss: Loss) -> None:
    assert hashes(loss.app) == loss.before


def test_spark_reads_what_was_restored(loss: Loss) -> None:
    read = loss.app.engine.spark.table(f"{CATALOG_NAME}.events.order_line")

    assert sorted(row["order_id"] for row in read.select("order_id").collect()) == ["500001", "500002"]


def test_the_next_run_has_nothing_to_do(loss: Loss) -> None:
    assert {result.outcome for result in loss.app.run()} == {Outcome.UNCHANGED}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake with one table of two versions."""
    lake = Lake(Settings(home=tmp_path / "home"))
    lake.ensure(VISITS, Schema(NestedField(1, "visits", LongType())), ())
    lake.table(VISITS).append(pa.table({"visits": pa.array([1], pa.int64())}))
    return lake


def test_an_export_names_the_metadata_file_of_each_table(lake: Lake) -> None:
    assert export(lake) == {VISITS: lake.table(VISITS).metadata_location}


def test_a_living_catalogue_is_not_restored_over(lake: Lake) -> None:
    before = lake.table(VISITS).metadata_location

    with pytest.raises(CatalogExistsError, match=r"still knows 1 tables \(features\.visits.*move this file away"):
        restore(lake)

    assert lake.table(VISITS).metadata_location == before


def test_the_newest_metadata_file_is_chosen(lake: Lake) -> None:
    newest = _newest(lake)

    (found,) = restore(_lost(lake))

    assert (found.dataset, found.metadata_file, found.rivals) == (VISITS, str(newest), ())


def test_a_rival_of_the_same_number_that_is_older_is_passed_over_and_reported(lake: Lake) -> None:
    newest = _newest(lake)
    rival = _rival(newest, milliseconds=-5)

    (found,) = restore(_lost(lake))

    assert (found.metadata_file, found.rivals) == (str(newest), (str(rival),))


def test_a_rival_that_is_newer_is_chosen_where_no_export_says_otherwise(lake: Lake) -> None:
    newest = _newest(lake)
    rival = _rival(newest, milliseconds=5)

    (found,) = restore(_lost(lake))

    assert (found.metadata_file, found.rivals) == (str(rival), (str(newest),))


def test_an_export_settles_which_rival_is_right(lake: Lake) -> None:
    newest, exported = _newest(lake), export(lake)
    rival = _rival(newest, milliseconds=5)

    (found,) = restore(_lost(lake), exported)

    assert (found.metadata_file, found.rivals) == (str(newest), (str(rival),))


@pytest.mark.parametrize("kept", [0, 100], ids=["empty", "cut off"])
def test_a_truncated_rival_is_not_chosen(lake: Lake, kept: int) -> None:
    newest = _newest(lake)
    rival = _rival(newest, milliseconds=5)
    rival.write_bytes(rival.read_bytes()[:kept])

    (found,) = restore(_lost(lake))

    assert found.metadata_file == str(newest)


@pytest.mark.parametrize("content", [b'{"format-version": 2, "table', b'{"location": "caf\xc3'])
def test_a_truncated_file_of_a_higher_number_is_not_chosen(lake: Lake, content: bytes) -> None:
    newest = _newest(lake)
    newest.with_name("00099-cut-off.metadata.json").write_bytes(content)

    (found,) = restore(_lost(lake))

    assert found.metadata_file == str(newest)


def test_folders_that_are_no_tables_are_left_alone(lake: Lake) -> None:
    (lake.settings.lake_dir / "features" / "notes" / "metadata").mkdir(parents=True)

    assert [table.dataset for table in restore(_lost(lake))] == [VISITS]


def _newest(lake: Lake) -> Path:
    return Path(lake.table(VISITS).metadata_location.removeprefix("file://"))


def _rival(newest: Path, milliseconds: int) -> Path:
    """What another writer made of the same number, by so much later or earlier."""
    number = newest.name.split("-")[0]
    rival = newest.with_name(f"{number}-rival.metadata.json")
    shutil.copyfile(newest, rival)
    content = json.loads(rival.read_text())
    content["last-updated-ms"] += milliseconds
    rival.write_text(json.dumps(content))
    return rival


def _lost(lake: Lake) -> Lake:
    _lose_catalogue(lake.settings)
    return Lake(lake.settings)


def _lose_catalogue(settings: Settings) -> None:
    for end in ("", "-wal", "-shm"):
        Path(f"{settings.catalog_file}{end}").unlink(missing_ok=True)
