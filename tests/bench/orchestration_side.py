"""One running system, in its own process: starts the services, carries two small days, and measures the second.

`python -m tests.bench.orchestration_side FOLDER` prints its figures as one JSON line. The services are those of
`guanxi up`; what differs between the sides comes from the environment.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from infra.app.airflow_api import TaskRun
from infra.app.airflow_settings import prepare_airflow
from infra.app.app import PROJECT_ROOT
from infra.app.declared import units
from infra.app.demo.breakdown import break_down
from infra.app.demo.system import System, free_port
from infra.app.keeper import Keeper
from infra.app.runs import PHASES, read_runs
from infra.app.services import down, up
from infra.lake.settings import Settings, environment_with
from tests.bench.processes import memory_bytes, processor_seconds_of
from tests.support.retail_sample import RetailSample
from tests.support.shop_sample import ShopSample

DAYS: Final = (date(2026, 3, 2), date(2026, 3, 3))
IMPORTS: Final = 5
IMPORT: Final = """
import time
import airflow.sdk
wall, cpu = time.perf_counter(), time.process_time()
import dags.pipelines, dags.maintenance, dags.freshness
print(time.perf_counter() - wall, time.process_time() - cpu)
"""
Figures = dict[str, Any]


def main() -> None:
    """Measure one system and end it."""
    home = Path(sys.argv[1]).absolute() / "home"
    # No sweep: what is delivered is carried by events alone.
    settings = Settings(home=home, sweep_minutes=0, airflow_port=free_port(), spark_port=free_port())
    try:
        figures = {**_start(settings), **_importing(settings)}
        system = System(settings)
        for day in DAYS:
            figures |= _carry(system, day)
        figures |= _memory(settings)
    finally:
        down(settings)
    print(json.dumps(figures))


def _start(settings: Settings) -> Figures:
    """Seconds of `guanxi up`, and of each thing it said, up to the next."""
    said: list[tuple[str, float]] = []
    begun = time.monotonic()
    up(settings, lambda text: said.append((text, time.monotonic())))
    ends = [at for _, at in said[1:]] + [time.monotonic()]
    parts: dict[str, float] = {}
    for (text, at), end in zip(said, ends, strict=True):
        what = "waiting until all are healthy" if text.startswith("waiting") else text
        parts[what] = parts.get(what, 0.0) + end - at
    return {"up_seconds": time.monotonic() - begun, "up_parts": parts}


def _importing(settings: Settings) -> Figures:
    """Seconds of importing the DAG files into a process that has Airflow; the least of several."""
    environment = environment_with(prepare_airflow(settings))
    command = [sys.executable, "-c", IMPORT]
    took = []
    for _ in range(IMPORTS):
        done = subprocess.run(command, env=environment, cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
        wall, cpu = map(float, done.stdout.splitlines()[-1].split())
        took.append((wall, cpu))
    return {"import_seconds": min(wall for wall, _ in took), "import_cpu_seconds": min(cpu for _, cpu in took)}


def _carry(system: System, day: date) -> Figures:
    """Deliver a day of both platforms and wait until it is in the marts."""
    outbox = system.settings.root / "outbox"
    for name, sample in (("retail_export", RetailSample()), ("shop_plugin", ShopSample())):
        folder = outbox / name
        folder.mkdir(parents=True, exist_ok=True)
        sample.deliver(day, folder)
    # The scheduler's children run the tasks; what Spark's server does is not among it.
    scheduler = Keeper(system.settings).processes()["scheduler"] or 0
    cpu, delivered_at = processor_seconds_of(scheduler), datetime.now(UTC)
    for name in ("retail_export", "shop_plugin"):
        inbox = system.settings.inbox_dir / name
        inbox.mkdir(parents=True, exist_ok=True)
        for file in sorted((outbox / name).iterdir()):
            file.rename(inbox / file.name)
    carrying = {unit.name for unit in units()}
    tasks = [task for task in system.wait_until_level(delivered_at) if task.seconds and task.dag in carrying]
    spent = processor_seconds_of(scheduler) - cpu
    runs = [run for run in read_runs(system.app) if run.ended_at >= delivered_at]
    phases = {phase: sum(run.seconds[phase] for run in runs) for phase in PHASES}
    found = break_down(delivered_at, tasks, phases)
    hops = list(_hops(tasks))
    return {
        "day_seconds": found.whole,
        "waiting_seconds": found.waiting,
        "tasks": len(tasks),
        "task_seconds_beside": found.start_up / len(tasks),
        "cpu_seconds_a_task": spent / len(tasks),
        "phases": dict(found.phases),
        "hops": len(hops),
        "hop_seconds_median": statistics.median(hops),
        "hop_seconds_longest": max(hops),
    }


def _hops(tasks: Sequence[TaskRun]) -> Iterator[float]:
    """For each run that an event began: seconds from the publication (or its own run before, if later) to its start."""
    makers = {name: unit.name for unit in units() for name in unit.datasets}
    for unit in units():
        behind = {makers[name] for name in unit.rings if name in makers}
        published = [t.ended_at for t in tasks if t.dag in behind and t.task == "publish" and t.ended_at]
        runs: dict[str, list[TaskRun]] = {}
        for task in tasks:
            if task.dag == unit.name and task.started_at:
                runs.setdefault(task.run, []).append(task)
        before = datetime.min.replace(tzinfo=UTC)
        for own in sorted(runs.values(), key=_begun):
            rung = [at for at in published if at <= _begun(own)]
            if rung:
                yield (_begun(own) - max(*rung, before)).total_seconds()
            before = max(task.ended_at for task in own if task.ended_at)


def _begun(tasks: Sequence[TaskRun]) -> datetime:
    return min(task.started_at for task in tasks if task.started_at)


def _memory(settings: Settings) -> Figures:
    """Memory of each service with its children, and of all."""
    running = {name: process for name, process in Keeper(settings).processes().items() if process}
    megabytes = {name: memory_bytes(process) >> 20 for name, process in running.items()}
    return {"memory_mb": megabytes, "memory_mb_all": sum(megabytes.values())}


if __name__ == "__main__":
    main()
