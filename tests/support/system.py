"""The services started for real, in a home of their own: Spark Connect, Airflow and what they carry."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path

from infra.app.airflow_api import Airflow, TaskRun
from infra.app.app import PROJECT_ROOT
from infra.app.demo.system import free_port
from infra.app.keeper import Keeper
from infra.app.warehouse import WarehouseError, query
from infra.lake.landing import LandedObject, Landing
from infra.lake.settings import Settings, environment_with
from infra.simulator.retail_sample import Line, RetailSample, write_export

GUANXI = Path(sys.executable).with_name("guanxi")
PATIENCE_SECONDS = 420
SOURCE = "retail_export"
SHOP = RetailSample(customers=10, invoices_a_day=5)


@dataclass
class System:
    """A home whose services run."""

    settings: Settings

    @cached_property
    def airflow(self) -> Airflow:
        return Airflow(self.settings)

    @property
    def keeper(self) -> Keeper:
        return Keeper(self.settings)

    def guanxi(self, *arguments: str) -> str:
        environment = environment_with(self.settings.as_environment())
        done = subprocess.run(
            [str(GUANXI), *arguments], env=environment, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr + self.logs()
        return done.stdout

    def deliver(self, name: str, lines: list[Line]) -> None:
        """Drop an export into the inbox, as a sender that finishes by renaming does."""
        inbox = self.settings.inbox_dir / SOURCE
        inbox.mkdir(parents=True, exist_ok=True)
        write_export(inbox / f".{name}", lines).rename(inbox / name)

    def deliver_day(self, day: date) -> None:
        self.deliver(f"{day}.csv.gz", SHOP.lines(day))

    def landing(self) -> list[LandedObject]:
        return Landing(self.settings).objects(SOURCE)

    def days(self) -> list[str]:
        """Days that the analysts see."""
        try:
            sql = "select strftime(day, '%Y-%m-%d') from marts.growth_daily order by day"
            return [str(row[0]) for row in query(self.settings.warehouse_file, sql)[1]]
        except WarehouseError:
            return []

    def wait_for_days(self, *days: str) -> None:
        self.wait_until(lambda: self.days() == list(days), f"{days} in growth_daily")

    def wait_until_quiet(self) -> None:
        """Wait until no DAG run has been active for a few seconds."""
        quiet: list[bool] = []

        def is_quiet() -> bool:
            quiet.append(not self.airflow.active_runs())
            return len(quiet) > 10 and all(quiet[-10:])

        self.wait_until(is_quiet, "no more runs")

    def wait_until(self, holds: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            assert time.monotonic() < deadline, f"not within {PATIENCE_SECONDS} s: {what}\n{self.logs()}"
            time.sleep(0.5)

    def tasks(self, dag: str, since: datetime) -> list[TaskRun]:
        return [task for task in self.airflow.tasks_since(since) if task.dag == dag]

    def logs(self) -> str:
        logs = sorted((self.settings.services_dir / "logs").glob("*.log"))
        return "\n".join(f"== {log.name}\n{log.read_text(errors='replace')[-2000:]}" for log in logs)


@contextmanager
def running_system(home: Path, **settings: object) -> Iterator[System]:
    """Start the services on free ports and end them again; `settings` are further settings."""
    ports = {"airflow_port": free_port(), "spark_port": free_port()}
    system = System(Settings.model_validate({"home": home, **ports, **settings}))
    try:
        system.guanxi("up")
        yield system
    finally:
        system.guanxi("down")


def now() -> datetime:
    return datetime.now(UTC)
