"""What goes wrong with a running system: killed services and tasks, an interface that is away, a locked database."""

import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psutil

from infra.app.airflow_settings import airflow_home
from tests.support.system import System

LOCK_WAIT_SECONDS = 120


def kill(process: int | None) -> None:
    """End one process without any chance to tidy up."""
    assert process is not None
    os.kill(process, signal.SIGKILL)


def kill_service(system: System, name: str) -> None:
    """Kill a service and see that it runs again."""
    before = system.keeper.processes()[name]
    kill(before)
    system.wait_until(lambda: system.keeper.processes()[name] not in {None, before}, f"{name} runs again")


def keep_down(system: System, name: str, seconds: float) -> None:
    """Kill a service whenever it comes back, for a while."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        process = system.keeper.processes()[name]
        if process is not None:
            kill(process)
        time.sleep(0.5)


def running_task(system: System, dag: str, task: str) -> psutil.Process:
    """Wait for a task to run; returns the process that works on it, whose parent waits for it and reports."""
    found: list[psutil.Process] = []

    def is_running() -> bool:
        answer = system.airflow.client.get(f"/dags/{dag}/dagRuns/~/taskInstances", params={"state": "running"})
        ids = [one["id"] for one in answer.json()["task_instances"] if one["task_id"] == task]
        found.extend(process for ti in ids for process in _titled(system, f"airflow worker -- {ti}"))
        return bool(found)

    system.wait_until(is_running, f"{task} of {dag} runs", every_seconds=0.05)
    return found[0]


def _titled(system: System, title: str) -> list[psutil.Process]:
    """Processes of this system's scheduler that go by a title."""
    scheduler = system.keeper.processes()["scheduler"]
    children = psutil.Process(scheduler).children(recursive=True) if scheduler else []
    return [child for child in children if _title(child) == title]


def _title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline()).strip()
    except psutil.Error:
        return ""


@contextmanager
def locked_database(system: System) -> Iterator[None]:
    """Nobody else can write to Airflow's database while the block runs."""
    file = airflow_home(system.settings) / "airflow.db"
    with closing(sqlite3.connect(file, timeout=LOCK_WAIT_SECONDS, isolation_level=None)) as connection:
        connection.execute("begin exclusive")
        yield
        connection.execute("rollback")
