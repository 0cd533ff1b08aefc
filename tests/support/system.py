"""The services started for real, in a home and a copy of the project of their own, and what they carry.

home/        what the system keeps
project/     the code that runs, so that a test can add files to it
delivered/   a copy of everything that was dropped, in the order of inboxes: what an undisturbed run is given
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

from infra.app.airflow_api import Airflow, TaskRun
from infra.app.app import PROJECT_ROOT
from infra.app.demo.system import free_port
from infra.app.keeper import Keeper
from infra.app.pull import MANIFEST_SUFFIX
from infra.app.warehouse import WarehouseError, query
from infra.lake.landing import Landing
from infra.lake.receipt import LandedObject
from infra.lake.settings import Settings, environment_with
from tests.support.retail_sample import Line, RetailSample, write_export
from tests.support.shop_sample import ShopSample

PATIENCE_SECONDS = 600
QUIET_LOOKS = 10
RETAIL, COMMUNITY = "retail_export", "shop_plugin"
RETAIL_SHOP = RetailSample(customers=10, invoices_a_day=5)
COMMUNITY_SHOP = ShopSample(visitors=6, sessions_a_day=4, dirt=0)
CODE = ("dags", "expectations", "infra", "spark_jobs", "transforms")
GUANXI = "from infra.app.cli.main import main; main()"
HASHES = """
import json
from infra.app.app import App
from infra.app.show import dataset_hash
app = App()
print(json.dumps({name: dataset_hash(app, name) for name in app.datasets.all if name != "raw.objects"}))
"""


@dataclass
class System:
    """A home and the project that works on it."""

    settings: Settings
    project: Path

    @cached_property
    def airflow(self) -> Airflow:
        return Airflow(self.settings)

    @property
    def keeper(self) -> Keeper:
        return Keeper(self.settings)

    @property
    def folder(self) -> Path:
        return self.settings.home.parent

    def python(self, code: str, *arguments: str) -> str:
        """What a program in the project prints."""
        environment = environment_with(self.settings.as_environment() | {"PYTHONPATH": str(self.project)})
        command = [sys.executable, "-c", code, *arguments]
        done = subprocess.run(command, env=environment, cwd=self.project, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr + self.logs()
        return done.stdout

    def guanxi(self, *arguments: str) -> str:
        return self.python(GUANXI, *arguments)

    def hashes(self) -> dict[str, str]:
        """Content hash of every dataset that is computed."""
        found: dict[str, str] = json.loads(self.python(HASHES).splitlines()[-1])
        return found

    def drop(self, source: str, files: Iterable[Path]) -> None:
        """Move written files into an inbox, manifests first."""
        inbox, delivered = self.settings.inbox_dir / source, self.folder / "delivered" / source
        inbox.mkdir(parents=True, exist_ok=True)
        delivered.mkdir(parents=True, exist_ok=True)
        for file in sorted(files, key=lambda file: (not file.name.endswith(MANIFEST_SUFFIX), file.name)):
            shutil.copy2(file, delivered / file.name)
            os.replace(file, inbox / file.name)

    def deliver(self, name: str, lines: list[Line], supersedes: str | None = None) -> None:
        """Drop an export, with a manifest if it takes the place of another object."""
        file = write_export(self.outbox(RETAIL) / name, lines)
        if supersedes:
            sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
            said = {"object": name, "lines": len(lines), "sha256": sha256, "supersedes": [supersedes]}
            file.with_name(name + MANIFEST_SUFFIX).write_text(json.dumps(said))
        self.drop(RETAIL, self.outbox(RETAIL).iterdir())

    def deliver_day(self, day: date) -> None:
        """Drop what both platforms deliver of a day."""
        COMMUNITY_SHOP.deliver(day, self.outbox(COMMUNITY))
        self.drop(COMMUNITY, self.outbox(COMMUNITY).iterdir())
        self.deliver_export(day)

    def deliver_export(self, day: date) -> None:
        """Drop what the retail shop delivers of a day."""
        self.deliver(f"{day}.csv.gz", RETAIL_SHOP.lines(day))

    def outbox(self, source: str) -> Path:
        outbox = self.folder / "outbox" / source
        outbox.mkdir(parents=True, exist_ok=True)
        return outbox

    def landed(self, source: str) -> list[LandedObject]:
        return Landing(self.settings).objects(source)

    def sql(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the analysts' file; none where there is no file or no such mart yet."""
        try:
            return query(self.settings.warehouse_file, sql)[1]
        except WarehouseError:
            return []

    def days(self) -> list[str]:
        """Days that the analysts see."""
        return [row[0] for row in self.sql("select distinct strftime(day, '%Y-%m-%d') from growth_daily order by 1")]

    def unbalanced(self) -> list[str]:
        """Delivered objects that the balance does not have, or of which not every record has a fate."""
        rows = self.sql("select source || '/' || object_name from source_balance where balanced and held = 0")
        files = (self.folder / "delivered").glob("*/*")
        names = {f"{file.parent.name}/{file.name}" for file in files if not file.name.endswith(MANIFEST_SUFFIX)}
        return sorted(names - {row[0] for row in rows})

    def wait_until_carried(self) -> None:
        """Wait until the analysts see what became of every record that was delivered."""
        self.wait_until(lambda: not self.unbalanced(), "all that was delivered is balanced")

    def wait_for_days(self, days: list[str]) -> None:
        """Wait until all that was delivered is carried, and the analysts see exactly these days."""
        self.wait_until_carried()
        self.wait_until(lambda: self.days() == days, f"{days} in growth_daily")

    def wait_until_quiet(self) -> None:
        """Wait until no DAG run has carried anything for a few seconds."""
        quiet: list[bool] = []

        def is_quiet() -> bool:
            quiet.append(not self.airflow.carrying_runs())
            return len(quiet) >= QUIET_LOOKS and all(quiet[-QUIET_LOOKS:])

        self.wait_until(is_quiet, "no more runs")

    def wait_until(self, holds: Callable[[], bool], what: str, every_seconds: float = 0.5) -> None:
        """Look until it holds; an Airflow that does not answer may be down for a while."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not _holds(holds):
            assert time.monotonic() < deadline, f"not within {PATIENCE_SECONDS} s: {what}\n{self.logs()}"
            time.sleep(every_seconds)

    def tasks(self, since: datetime) -> list[TaskRun]:
        return self.airflow.tasks_since(since)

    def pause(self, dag: str, *, paused: bool) -> None:
        """Pause a DAG, or let it go on."""
        self.airflow.client.patch(f"/dags/{dag}", json={"is_paused": paused}).raise_for_status()

    def logs(self) -> str:
        logs = sorted((self.settings.services_dir / "logs").glob("*.log"))
        return "\n".join(f"== {log.name}\n{log.read_text(errors='replace')[-2000:]}" for log in logs)

    def calm(self) -> "System":
        """Another home that was given the same deliveries and brought level by one undisturbed run."""
        calm = System(self.settings.model_copy(update={"home": self.folder / "calm"}), self.project)
        shutil.copytree(self.folder / "delivered", calm.settings.inbox_dir)
        calm.guanxi("pull")
        calm.guanxi("run")
        return calm


def _holds(holds: Callable[[], bool]) -> bool:
    try:
        return holds()
    except httpx.HTTPError:
        return False


@contextmanager
def running_system(folder: Path, **settings: object) -> Iterator[System]:
    """Start the services on free ports and end them again; `settings` are further settings."""
    ports = {"airflow_port": free_port(), "spark_port": free_port()}
    system = System(Settings.model_validate({"home": folder / "home", **ports, **settings}), folder / "project")
    for part in CODE:
        shutil.copytree(PROJECT_ROOT / part, system.project / part, ignore=shutil.ignore_patterns("__pycache__"))
    try:
        system.guanxi("up")
        yield system
    finally:
        system.guanxi("down")


def now() -> datetime:
    return datetime.now(UTC)
