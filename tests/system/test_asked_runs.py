"""Runs asked for by hand of the services started for real: params, pool, links, deadline, acceptance, freshness.

Nothing is watched and nothing sweeps, so only what a test asks for runs, and what its publications ring.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from infra.app.airflow_settings import ENGINE_POOL
from infra.app.app import App
from infra.app.explain import due_reasons
from infra.app.services import up
from infra.app.status import DatasetStatus
from infra.app.status import status as read_status
from infra.app.survey import survey
from infra.lake.receipt import RECEIPT_SUFFIX
from tests.support.home import order_line
from tests.support.retail_sample import Line, write_export
from tests.support.system import PATIENCE_SECONDS, RETAIL, RETAIL_SHOP, System, running_system

pytestmark = pytest.mark.system

FIRST, SECOND = date(2026, 3, 2), date(2026, 3, 3)
EVENTS = "events.order_line"
LATE_MINUTES = 0.02


@dataclass(frozen=True)
class AskedRun:
    """One DAG run asked for through Airflow's interface."""

    system: System
    dag: str
    id: str

    def get(self, path: str = "") -> Any:
        answer = self.system.airflow.client.get(f"/dags/{self.dag}/dagRuns/{self.id}{path}")
        answer.raise_for_status()
        return answer.json()

    def states(self) -> dict[str, str | None]:
        return {task["task_id"]: task["state"] for task in self.get("/taskInstances")["task_instances"]}

    def wait(self) -> "AskedRun":
        self.system.wait_until(lambda: self.get()["state"] in {"success", "failed"}, f"{self.dag} has ended")
        return self


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    asked = {"sweep_minutes": 0, "watch_seconds": 0, "late_minutes": LATE_MINUTES, "engine_slots": 3}
    with running_system(tmp_path_factory.mktemp("asked_runs"), **asked) as system:
        # A busy machine's database keeps a request waiting.
        system.airflow.client.timeout = PATIENCE_SECONDS
        system.wait_until(lambda: {"events", "freshness"} <= system.airflow.dag_ids(), "the DAGs are known")
        land(system, {f"{day}.csv.gz": RETAIL_SHOP.lines(day) for day in (FIRST, SECOND)})
        yield system


def land(system: System, files: dict[str, list[Line]]) -> None:
    """Bring deliveries to their source's table, without ringing anybody."""
    with opened(system) as app:
        for name, lines in files.items():
            file = system.folder / name
            write_export(file, lines)
            app.land(RETAIL, file)
        app.run([f"raw.{RETAIL}"])


@contextmanager
def opened(system: System) -> Iterator[App]:
    app = App(system.settings.model_copy(update={"spark_remote": f"sc://127.0.0.1:{system.settings.spark_port}"}))
    yield app
    app.close()


def ask(system: System, dag: str, **params: object) -> AskedRun:
    return AskedRun(system, dag, system.airflow.trigger(dag, **params))


def status(system: System, name: str = EVENTS) -> DatasetStatus:
    with opened(system) as app:
        return next(row for row in read_status(app) if row.dataset == name)


def wait_for_page(system: System, address: str, text: str) -> None:
    """Wait until Airflow shows a page of Guanxi's with some text, once the DAG that writes pages has come to it."""
    at = f"http://127.0.0.1:{system.settings.airflow_port}"

    def shown() -> httpx.Response:
        return httpx.get(at + address, headers=system.airflow.client.headers, timeout=30)

    system.wait_until(lambda: text in shown().text, f"{address} says: {text}")


def test_the_pool_of_the_engine_has_the_slots_that_the_settings_give(system: System) -> None:
    pool = system.airflow.client.get(f"/pools/{ENGINE_POOL}").json()

    assert pool["slots"] == 3


def misses_of_the_pool(system: System) -> int:
    return system.keeper.log("scheduler").read_text().count(f"non-existent pool '{ENGINE_POOL}'")


def test_without_its_pool_a_dry_run_waits_for_it_and_then_builds_nothing(system: System) -> None:
    system.airflow.client.delete(f"/pools/{ENGINE_POOL}").raise_for_status()
    run = ask(system, "events", dry_run=True)
    system.wait_until(lambda: run.states()["build"] == "scheduled", "the build is to be done")
    missed = misses_of_the_pool(system)
    system.wait_until(lambda: misses_of_the_pool(system) > missed, "the scheduler misses the pool")
    waiting = run.states()["build"]

    up(system.settings)

    assert waiting == "scheduled"
    assert run.wait().states()["build"] == "skipped"
    assert status(system).published_at is None


def test_from_and_to_build_those_days_and_owe_the_others(system: System) -> None:
    run = ask(system, "events", **{"from": str(FIRST), "to": str(FIRST)}).wait()

    assert run.states()["publish"] == "success"
    assert due(system) == {str(SECOND): ["was outside the days asked for"]}


def due(system: System) -> dict[str, list[str]]:
    """Days of the events table that a run would build now, with the reasons."""
    with opened(system) as app:
        plan = next(forecast.plan for forecast in survey(app, [EVENTS]) if forecast.dataset == EVENTS)
    reasons = due_reasons(plan)
    return {day: [reason.why for reason in reasons if day in reason.partitions] for day in plan.build}


def test_a_run_without_params_catches_up(system: System) -> None:
    ask(system, "events").wait()

    assert status(system).state == "level"


def test_a_rebuild_computes_level_days_anew_and_all_its_tasks_lead_to_its_page(system: System) -> None:
    run = ask(system, "events", rebuild=True, **{"from": str(SECOND), "to": str(SECOND)}).wait()

    (results,) = {results_of(run, task) for task in ("build", "gate", "publish")}

    assert run.states()["publish"] == "success"
    wait_for_page(system, results, "a rebuild was asked for")


def results_of(run: AskedRun, task: str) -> str:
    return str(run.get(f"/taskInstances/{task}/links")["extra_links"]["Results"])


def test_a_day_that_is_none_is_refused(system: System) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="400"):
        ask(system, "events", **{"from": "yesterday"})


def test_a_run_that_has_not_ended_in_time_is_told(system: System) -> None:
    log = system.keeper.log("triggerer")

    system.wait_until(lambda: "events is late" in log.read_text(), "the notice is written")


def test_a_failed_gate_leads_to_its_broken_checks(system: System) -> None:
    land(system, {"absurd.csv.gz": [order_line("509999", at=f"{SECOND} 10:00:00", price="99999999.99")]})

    run = ask(system, "events").wait()

    assert run.states()["gate"] == "failed"
    wait_for_page(system, results_of(run, "gate"), "unit_price must be between")


def test_an_acceptance_rings_the_dag_of_the_dataset(system: System) -> None:
    system.guanxi("gate", "accept", EVENTS, "--reason", "a single order of a collector")

    system.wait_until(lambda: status(system).state == "level", f"{EVENTS} is level")


def test_a_source_that_fell_silent_fails_the_check_of_freshness_at_its_first_try(system: System) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=3)
    for receipt in system.settings.landing_dir.rglob(f"*{RECEIPT_SUFFIX}"):
        receipt.write_text(json.dumps(json.loads(receipt.read_text()) | {"received_at": long_ago.isoformat()}))

    run = ask(system, "freshness").wait()

    (check,) = run.get("/taskInstances")["task_instances"]
    assert (check["state"], check["try_number"]) == ("failed", 1)
