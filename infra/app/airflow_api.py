"""A small client of Airflow's public interface: runs and their tasks, and the pool that bounds them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from infra.app.airflow_settings import USER, password_file
from infra.app.declared import units
from infra.lake.settings import Settings

PAGE = 100


@dataclass(frozen=True)
class TaskRun:
    """One task of one DAG run; times are UTC, None where it has not come to that."""

    dag: str
    task: str
    run: str
    state: str
    queued_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    tries: int = 1

    @property
    def seconds(self) -> float:
        """How long it ran; 0 where it has not ended or never ran."""
        return (self.ended_at - self.started_at).total_seconds() if self.started_at and self.ended_at else 0.0


class Airflow:
    """The Airflow that `guanxi up` started; raises httpx.HTTPError where it does not answer."""

    def __init__(self, settings: Settings) -> None:
        at = f"http://127.0.0.1:{settings.airflow_port}"
        password = json.loads(password_file(settings).read_text())[USER]
        answer = httpx.post(f"{at}/auth/token", json={"username": USER, "password": password}, timeout=30)
        answer.raise_for_status()
        token = answer.json()["access_token"]
        self.client = httpx.Client(base_url=f"{at}/api/v2", headers={"Authorization": f"Bearer {token}"}, timeout=30)

    def carrying_runs(self) -> list[str]:
        """The DAG runs, queued or going on, that carry data; those that write pages or look after the house do not."""
        content = self._get("/dags/~/dagRuns", state=["queued", "running"], limit=PAGE)
        carrying = {unit.name for unit in units()}
        return [f"{run['dag_id']} {run['dag_run_id']}" for run in content["dag_runs"] if run["dag_id"] in carrying]

    def tasks_since(self, moment: datetime) -> list[TaskRun]:
        """Tasks of the DAG runs that were due from a moment on, in the order they started."""
        tasks: list[TaskRun] = []
        while True:
            content = self._get(
                "/dags/~/dagRuns/~/taskInstances",
                run_after_gte=moment.isoformat(),
                limit=PAGE,
                offset=len(tasks),
                order_by="start_date",
            )
            tasks.extend(map(_task_run, content["task_instances"]))
            if not content["task_instances"] or len(tasks) >= content["total_entries"]:
                return tasks

    def returned(self, task: TaskRun) -> Any:  # noqa: ANN401 - whatever a task returns
        """What a task returned; None where it returned nothing."""
        path = f"/dags/{task.dag}/dagRuns/{task.run}/taskInstances/{task.task}/xcomEntries/return_value"
        answer = self.client.get(path)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        answer.raise_for_status()
        return answer.json()["value"]

    def dag_ids(self) -> set[str]:
        """Every DAG that Airflow knows."""
        return {dag["dag_id"] for dag in self._get("/dags", limit=PAGE)["dags"]}

    def trigger(self, dag: str, **params: object) -> str:
        """Queue a run of a DAG and return its id."""
        # Without a logical date any number of runs may be asked for at one moment.
        answer = self.client.post(f"/dags/{dag}/dagRuns", json={"logical_date": None, "conf": params})
        answer.raise_for_status()
        return str(answer.json()["dag_run_id"])

    def set_pool(self, name: str, slots: int, description: str) -> None:
        """Make a pool have so many slots, whether it is there or not."""
        pool = {"name": name, "slots": slots, "description": description, "include_deferred": False}
        answer = self.client.patch(f"/pools/{name}", json=pool)
        if answer.status_code == httpx.codes.NOT_FOUND:
            answer = self.client.post("/pools", json=pool)
        answer.raise_for_status()

    def _get(self, path: str, **query: str | int | Iterable[str]) -> Any:  # noqa: ANN401 - JSON
        answer = self.client.get(path, params=query)  # type: ignore[arg-type]
        answer.raise_for_status()
        return answer.json()


def _task_run(content: dict[str, Any]) -> TaskRun:
    return TaskRun(
        dag=content["dag_id"],
        task=content["task_id"],
        run=content["dag_run_id"],
        state=content["state"] or "none",
        queued_at=_moment(content["queued_when"]),
        started_at=_moment(content["start_date"]),
        ended_at=_moment(content["end_date"]),
        tries=content["try_number"],
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
