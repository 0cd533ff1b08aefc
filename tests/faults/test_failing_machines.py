"""An engine, a JVM, dbt or a disk fails during a run: nothing of it is seen, and the next run makes it good."""

import errno
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from sqlalchemy.exc import OperationalError

from expectations import gate
from infra.app.app import PROJECT_ROOT, App
from infra.loop.result import Outcome
from infra.loop.run import Listener
from tests.faults.three_days import DATASETS, DAYS, EVENTS, FEATURE, RAW, check_made_good, land, outcomes, shown_days
from tests.support.child import holding_open
from tests.support.dying_run import IN_DBT, OUT_OF_MEMORY
from tests.support.home import hashes, open_home
from tests.support.oracle import BALANCE, check_same_tables
from tests.support.small_disk import full_but_for, small_disk

pytestmark = pytest.mark.slow

DISK_BYTES = 64 << 20


@pytest.fixture
def app(spark: SparkSession, tmp_path: Path) -> App:
    """A home that shows the first day."""
    app = open_home(tmp_path, spark)
    land(app, tmp_path, DAYS[0])
    app.run(DATASETS)
    return app


@pytest.mark.fault(37, how="the engine runs out of memory at one table's gate, and is well at the next run")
def test_a_table_whose_gate_crashed_and_its_readers_stay_as_they_were_until_the_next_run(
    app: App, undisturbed: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = hashes(app, (EVENTS, FEATURE, BALANCE))
    land(app, tmp_path, *DAYS[1:])
    with monkeypatch.context() as patch:
        patch.setattr(gate, "_run", crashing_at(EVENTS))
        found = outcomes(app.run(DATASETS))

    assert {name: found[name] for name in DATASETS} == {
        RAW: Outcome.PUBLISHED,
        EVENTS: Outcome.FAILED,
        FEATURE: Outcome.WAITS,
        BALANCE: Outcome.WAITS,
    }
    check_same_tables(hashes(app, (EVENTS, FEATURE, BALANCE)), before)
    assert shown_days(app) == 1

    app.run(DATASETS)

    check_made_good(app, undisturbed)


def crashing_at(name: str) -> Any:
    """The engine, which finds no memory for one table."""
    run = gate._run

    def crash(contract: Any, *said: Any) -> Any:
        if contract.name == name:
            raise MemoryError
        return run(contract, *said)

    return crash


def die(app: App, end: str, *names: str) -> "subprocess.CompletedProcess[str]":
    """What became of a process that brought datasets level until its end."""
    command = [sys.executable, "-m", "tests.support.dying_run", str(app.settings.home), end, *names]
    return subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)


@pytest.mark.fault(35, how="dbt killed between a mart and its tests; then the analysts' file is locked")
def test_a_mart_that_was_built_and_not_tested_is_built_again_though_the_analysts_file_is_locked(
    app: App, undisturbed: dict[str, str], tmp_path: Path
) -> None:
    before = hashes(app, (BALANCE,))
    land(app, tmp_path, *DAYS[1:])
    app.run((RAW, EVENTS, FEATURE))

    killed = die(app, IN_DBT, BALANCE)

    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
    assert list((app.settings.work_dir / "staging").glob("*.duckdb"))
    check_same_tables(hashes(app, (BALANCE,)), before)
    assert shown_days(app) == 1

    holder = holding_open(app.settings.warehouse_file)
    try:
        app.run(DATASETS)
    finally:
        holder.kill()
        holder.communicate()

    check_made_good(app, undisturbed)


@pytest.mark.fault(33, how="a task of Spark that writes days finds no memory, and its JVM ends")
def test_a_table_whose_writer_ran_out_of_memory_stays_as_it_was_until_the_next_run(
    app: App, undisturbed: dict[str, str], tmp_path: Path
) -> None:
    before = hashes(app, (FEATURE,))
    land(app, tmp_path, *DAYS[1:])
    app.run((RAW, EVENTS))

    died = die(app, OUT_OF_MEMORY, FEATURE)

    assert json.loads(died.stdout) == {FEATURE: Outcome.FAILED}, died.stderr[-2000:]
    assert "java.lang.OutOfMemoryError: Java heap space" in (app.settings.work_dir / "spark.log").read_text()
    check_same_tables(hashes(app, (FEATURE,)), before)

    app.run(DATASETS)

    check_made_good(app, undisturbed)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", DISK_BYTES) as disk:
        yield disk


@pytest.mark.fault(
    33, how="the disk of a home is full before a run, while Spark writes, while dbt does; then it is not"
)
def test_what_found_no_room_on_the_disk_is_made_good_once_there_is_some(
    disk: Path, undisturbed: dict[str, str], spark: SparkSession, tmp_path: Path
) -> None:
    app = open_home(disk, spark)
    land(app, tmp_path, *DAYS)

    with full_but_for(disk, 0):
        assert finds_no_room(app)
    for name in (EVENTS, BALANCE):
        with full_from(disk, name, "build") as listener:
            assert finds_no_room(app, listener)

    app.run(DATASETS)

    check_made_good(app, undisturbed)


@contextmanager
def full_from(disk: Path, *step: str) -> Iterator[Listener]:
    """What fills the disk when it hears of a step of a run, until the block ends."""
    with ExitStack() as stack:
        yield lambda *heard: stack.enter_context(full_but_for(disk, 0)) if heard == step else None


def finds_no_room(app: App, listener: Listener = lambda dataset, phase: None) -> bool:
    """Whether a run fails as a whole for want of room, or any dataset of it does."""
    try:
        return Outcome.FAILED in outcomes(app.run(DATASETS, listener=listener)).values()
    except OSError as error:
        return error.errno == errno.ENOSPC
    except OperationalError as error:  # SQLite's words for it
        return "disk is full" in str(error) or "disk I/O error" in str(error)
