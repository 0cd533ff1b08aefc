"""What the scheduler loads before it forks tasks: all that is slow to load, no job and no session."""

import json
import subprocess
import sys

import pytest

from infra.app.airflow_settings import PRELOAD
from infra.app.app import PROJECT_ROOT

LOADED = f"""
import json, sys, threading
sys.argv = ["airflow", sys.argv[1]]
exec({PRELOAD!r})
print(json.dumps([sorted(sys.modules), threading.active_count()]))
"""


def loaded(service: str) -> tuple[set[str], int]:
    """The modules that Airflow's local settings load into a service, and how many threads it has then."""
    command = [sys.executable, "-c", LOADED, service]
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    modules, threads = json.loads(done.stdout.splitlines()[-1])
    return set(modules), threads


@pytest.fixture(scope="module")
def scheduler() -> tuple[set[str], int]:
    return loaded("scheduler")


def test_the_slow_libraries_and_the_tasks_are_loaded(scheduler: tuple[set[str], int]) -> None:
    modules, _ = scheduler

    slow = {
        "dbt.cli.main",
        "great_expectations",
        "infra.app.tasks",
        "pyiceberg.catalog.sql",
        "pyspark.sql.connect.session",
    }
    assert slow <= modules


def test_no_job_is_loaded_so_that_a_task_runs_what_its_code_hash_says(scheduler: tuple[set[str], int]) -> None:
    modules, _ = scheduler

    packages = {"spark_jobs", "spark_jobs.formats", "spark_jobs.functions", "spark_jobs.raw", "spark_jobs.features"}
    assert {name for name in modules if name.startswith("spark_jobs")} <= packages


def test_nothing_is_started_that_a_fork_would_lose(scheduler: tuple[set[str], int]) -> None:
    assert scheduler[1] == 1


def test_other_services_load_nothing() -> None:
    modules, _ = loaded("triggerer")

    assert not modules & {"great_expectations", "infra.app.tasks"}
