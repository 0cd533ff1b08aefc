"""SIGKILL at every step of a run: the next run ends in the same tables, and maintenance leaves no trace of it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyiceberg.table import Table
from pyspark.sql import SparkSession

from infra.app.app import App
from infra.app.maintenance import maintain
from infra.app.warehouse import query
from infra.lake.settings import environment_with
from tests.support.connected import serving_sessions
from tests.support.home import deliver, hashes, open_home
from tests.support.killed_run import POINTS
from tests.support.retail_sample import RetailSample

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
WITH_A_JVM = ("inside build", "inside publish")
"""Where the run has a JVM of its own, as on the embedded default; elsewhere a client of one that goes on."""
TWO_DAYS_SECONDS = 2 * 86_400


def land_two_days(app: App, folder: Path) -> None:
    """The same deliveries for every home."""
    from datetime import date

    shop = RetailSample(customers=10, invoices_a_day=5)
    for day in (date(2026, 3, 2), date(2026, 3, 3)):
        deliver(app, folder, f"{day}.csv.gz", shop.lines(day))


@pytest.fixture(scope="module")
def undisturbed(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Hashes of a home whose only run was never killed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    app = open_home(folder, spark)
    land_two_days(app, folder)
    app.run()
    return hashes(app)


@pytest.fixture(scope="module")
def server(spark: SparkSession) -> Iterator[str]:
    """Where the runs that are killed have their sessions."""
    with serving_sessions(spark) as address:
        yield address


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.fault(22, 29, 35, how="SIGKILL at fourteen steps, five of them around publication and the analysts' file")
def test_a_killed_run_is_made_good_by_the_next(
    point: str, spark: SparkSession, server: str, tmp_path: Path, undisturbed: dict[str, str]
) -> None:
    app = open_home(tmp_path, spark)
    land_two_days(app, tmp_path)
    command = [sys.executable, "-m", "tests.support.killed_run", str(app.settings.home), point]
    environment = environment_with({} if point in WITH_A_JVM else {"GUANXI_SPARK_REMOTE": server})
    killed = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]

    app.run()

    assert hashes(app) == undisturbed
    assert query(app.settings.warehouse_file, "select count(*) from marts.growth_daily")[1] == [(2,)]
    age_files(app.settings.root)
    maintain(app)
    for name in app.lake.names():
        table = app.lake.table(name)
        assert set(table.refs()) == {"main"}, name
        assert orphans(table) == set(), name
    assert hashes(app) == undisturbed
    assert not [path for path in app.settings.root.glob("warehouse.duckdb*") if path.name != "warehouse.duckdb"]


def age_files(folder: Path) -> None:
    """Make every file two days old, so that maintenance takes no file for one being written."""
    old = time.time() - TWO_DAYS_SECONDS
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (old, old))


def orphans(table: Table) -> set[str]:
    """Files in a table's folder that none of its kept versions names."""
    named = {table.metadata_location, *(entry.metadata_file for entry in table.metadata.metadata_log)}
    for snapshot in table.metadata.snapshots:
        named.add(snapshot.manifest_list)
        for manifest in snapshot.manifests(table.io):
            named.add(manifest.manifest_path)
            named.update(e.data_file.file_path for e in manifest.fetch_manifest_entry(table.io, discard_deleted=False))
    plain = {_path(name) for name in named}
    folder = Path(_path(table.location()))
    return {str(path) for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")} - plain


def _path(location: str) -> str:
    return "/" + location.removeprefix("file:").lstrip("/")
