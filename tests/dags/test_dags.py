"""The DAGs: generated from contracts, light to import, documented, and without circles."""

import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization

from infra.app.airflow_settings import ENGINE_POOL
from infra.app.app import PROJECT_ROOT
from infra.app.declared import units
from tests.support.documented import write_examples

HEAVY = ("pyspark", "great_expectations", "pandas", "dbt", "duckdb", "pyiceberg", "pyarrow")
IMPORTED = f"""
import sys
import dags.pipelines, dags.maintenance, dags.freshness, dags.pages
print(*[name for name in {HEAVY} if name in sys.modules])
"""


@pytest.fixture(scope="module")
def dags() -> dict[str, DAG]:
    """What Airflow finds in the folder."""
    bag = DagBag(PROJECT_ROOT / "dags")
    assert not bag.import_errors
    return dict(bag.dags)


def test_each_source_each_domain_the_marts_and_the_upkeep_have_a_dag(dags: dict[str, DAG]) -> None:
    contracts = (PROJECT_ROOT / "expectations" / "contracts" / "raw").glob("[a-z]*.odcs.yaml")
    sources = {f"source_{file.name.removesuffix('.odcs.yaml')}" for file in contracts} - {"source_objects"}
    features = {"features_growth", "features_behaviour"}
    assert set(dags) == sources | features | {"events", "marts", "freshness", "maintenance", "pages"}


def test_every_dag_and_task_is_documented_and_owned(dags: dict[str, DAG]) -> None:
    for dag in dags.values():
        assert dag.doc_md
        assert dag.tags
        assert dag.owner != "airflow"
        assert all(task.doc_md for task in dag.tasks)


def test_tasks_that_may_use_the_engine_share_its_pool(dags: dict[str, DAG]) -> None:
    pooled = {(dag.dag_id, task.task_id) for dag in dags.values() for task in dag.tasks if task.pool == ENGINE_POOL}

    steps = {(unit.name, step) for unit in units() for step in ("build", "gate", "publish")}
    assert pooled == steps | {("maintenance", "maintain")}


def test_a_run_that_has_begun_is_ended_before_another_begins(dags: dict[str, DAG]) -> None:
    weights = {
        step: {dags[unit.name].get_task(step).priority_weight for unit in units()}
        for step in ("build", "gate", "publish")
    }

    assert max(weights["build"]) < min(weights["gate"])
    assert max(weights["gate"]) < min(weights["publish"])


def test_one_run_of_a_dag_goes_on_at_a_time(dags: dict[str, DAG]) -> None:
    assert {dag.max_active_runs for dag in dags.values()} == {1}


def test_maintenance_waits_for_its_hour_however_late_the_system_is_started(
    dags: dict[str, DAG], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("airflow.timetables.trigger.utcnow", lambda: datetime(2026, 3, 2, 3, 45, tzinfo=UTC))
    maintenance = DagSerialization.from_dict(DagSerialization.to_dict(dags["maintenance"]))

    first = maintenance.next_dagrun_info(last_automated_run_info=None)

    assert first is not None
    assert first.run_after == datetime(2026, 3, 3, 3, 30, tzinfo=UTC)


def test_publication_alone_rings_the_readers(dags: dict[str, DAG]) -> None:
    for unit in units():
        rung = {task.task_id: {asset.name for asset in task.outlets} for task in dags[unit.name].tasks if task.outlets}
        assert rung == {"publish": {unit.name}}


def test_no_dataset_is_in_two_units() -> None:
    names = [name for unit in units() for name in unit.datasets]

    assert len(names) == len(set(names))


def test_no_unit_rings_itself_round_in_a_circle() -> None:
    rings = {unit.name: set(unit.rings) for unit in units()}
    announces = {unit.name: set(unit.datasets) for unit in units()}
    reached = {name: {other for other in rings if announces[name] & rings[other]} for name in rings}
    for name in rings:
        seen: set[str] = set()
        queue = list(reached[name])
        while queue:
            other = queue.pop()
            if other not in seen:
                seen.add(other)
                queue.extend(reached[other])
        assert name not in seen


def test_importing_the_dags_loads_no_engine() -> None:
    command = [sys.executable, "-c", IMPORTED]
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.split() == []


def test_a_new_contract_is_a_new_unit(tmp_path: Path) -> None:
    for part in ("expectations/contracts", "transforms"):
        shutil.copytree(PROJECT_ROOT / part, tmp_path / part)
    write_examples(tmp_path)

    found = {unit.name: unit for unit in units(tmp_path)}

    assert found["source_market_stall"].rings == ("landing.market_stall",)
    assert "features.basket_day" in found["features_growth"].datasets
    assert "marts.basket_size" in found["marts"].datasets
