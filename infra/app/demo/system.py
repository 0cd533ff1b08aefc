"""The running system of the demo: services started and ended, deliveries dropped, and waiting until all is level."""

import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from rich.live import Live
from rich.table import Table

from infra.app.airflow_api import Airflow, TaskRun
from infra.app.app import App
from infra.app.cli import render
from infra.app.declared import units
from infra.app.doorbell import offers
from infra.app.pull import is_delivered
from infra.app.services import down, up
from infra.app.survey import survey
from infra.lake.errors import GuanxiError
from infra.lake.settings import Settings

PATIENCE_SECONDS = 600
QUIET_SECONDS = 3
LOOK_SECONDS = 1.0


class NotLevelError(GuanxiError):
    """The pipeline did not come to rest with everything level."""


class System:
    """A home with its services, and the application to look at it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.app = App(settings)
        self.airflow = Airflow(settings)

    def wait_until_level(self, since: datetime) -> list[TaskRun]:
        """Show what runs until everything that was delivered has been carried to the marts; returns the tasks."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        quiet_since: float | None = None
        with Live(console=render.out, refresh_per_second=4, transient=True) as live:
            while time.monotonic() < deadline:
                tasks = self.airflow.tasks_since(since)
                live.update(_progress(tasks))
                quiet = not self.airflow.carrying_runs() and not self._undelivered() and bool(tasks)
                quiet_since = (quiet_since or time.monotonic()) if quiet else None
                if quiet_since and time.monotonic() - quiet_since >= QUIET_SECONDS and self._is_level():
                    return tasks
                time.sleep(LOOK_SECONDS)
        raise NotLevelError(
            f"not everything was level after {PATIENCE_SECONDS} s. See `guanxi status` and the logs in "
            f"{self.settings.services_dir}."
        )

    def _undelivered(self) -> bool:
        return any(is_delivered(self.app, source) for source in self.app.datasets.sources)

    def _is_level(self) -> bool:
        if any(offers(self.settings, source) != frozenset() for source in self.settings.api):
            return False
        # That an object of one source was registered moves the register for the others too: nothing is built for it.
        return not any(forecast.plan.build or forecast.after for forecast in survey(self.app))


@contextmanager
def running(settings: Settings) -> Iterator[System]:
    """Start the services on free ports, and end them whatever happens."""
    ports = {"airflow_port": free_port(), "spark_port": free_port()}
    settings = settings.model_copy(update=ports)
    try:
        up(settings, lambda text: render.out.print(f"[dim]{text}[/]"))
        system = System(settings)
        _wait_for_dags(system.airflow)
        yield system
    finally:
        down(settings)


def _wait_for_dags(airflow: Airflow) -> None:
    wanted = {unit.name for unit in units()}
    while wanted - airflow.dag_ids():
        time.sleep(LOOK_SECONDS)


def _progress(tasks: list[TaskRun]) -> Table:
    """A line for each DAG: how many tasks are done, and what runs now for how long."""
    table = Table.grid(padding=(0, 2))
    now = datetime.now(UTC)
    for dag in dict.fromkeys(task.dag for task in tasks):
        own = [task for task in tasks if task.dag == dag]
        done = Counter(task.state for task in own)
        going = [task for task in own if task.state == "running" and task.started_at]
        words = ", ".join(f"{t.task} {(now - t.started_at).total_seconds():.0f} s" for t in going if t.started_at)
        table.add_row(f"[bold]{dag}[/]", f"{done['success']} done", f"{done['failed']} failed", f"[cyan]{words}[/]")
    return table


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
