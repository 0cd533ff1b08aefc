"""One run over a home, in its own process: seconds of each step, and the data files each build opened.

`python -m tests.bench.incremental_run HOME EXPORTS` lands the exports, runs, and prints its figures as one JSON line.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from infra.app.app import App
from infra.app.kinds.daily import Daily
from infra.app.kinds.days import window_days
from infra.app.kinds.landing_objects import LANDING
from infra.lake import branch, partitions
from infra.loop.result import Outcome, Result
from tests.bench.homes import land, started
from tests.bench.opened import OpenedFiles
from tests.bench.processes import PeakMemory, ProcessorTime

Figures = dict[str, Any]


def run(app: App, exports: Path) -> Figures:
    """Land the exports and bring everything level."""
    land(app, exports.glob("*.csv.gz"))
    app.settings.lake_dir.mkdir(parents=True, exist_ok=True)
    with OpenedFiles(app.settings.lake_dir) as opened, PeakMemory() as memory:
        begun, cpu = time.perf_counter(), ProcessorTime()

        def listen(name: str, phase: str) -> None:
            for account in (opened, cpu):
                account.begin(f"{name} {phase}")

        every = app.run(listener=listen)
        seconds = time.perf_counter() - begun
        cpu.begin("after")
    # Of the other sources nothing was landed.
    results = [result for result in every if not result.is_idle]
    if not results:
        raise RuntimeError("nothing was built")
    for result in results:
        if result.outcome is not Outcome.PUBLISHED:
            raise RuntimeError(f"{result.dataset}: {result.outcome.value}: {result.detail}")
    return {
        "seconds": seconds,
        "cpu_seconds": round(sum(cpu.seconds.values()), 1),
        "cpu_steps": dict(cpu.seconds),
        "peak_mb": memory.megabytes,
        "steps": {r.dataset: {phase: round(s, 2) for phase, s in r.seconds.items()} for r in results},
        "built": {r.dataset: len(r.plan.build) for r in results if r.plan},
        "files": [row for result in results for row in _files(app, result, opened)],
    }


def _files(app: App, result: Result, opened: OpenedFiles) -> list[Figures]:
    """For each table a build could read: its live files, those in the windows, and those really opened."""
    dataset = app.datasets.all[result.dataset]
    seen = opened.opened[f"{dataset.name} build"]
    rows = []
    for name in (*dataset.inputs, dataset.name):
        if name == LANDING:
            continue
        table = app.lake.table(name)
        inside = None if name == dataset.name else _in_windows(app, result, name)
        location = _local(table.location())
        read = {path for path in seen if path.startswith(location + "/")}
        rows.append(
            {
                "dataset": dataset.name,
                "reads": name,
                "live": len(partitions.live_files(table, branch.head(table))),
                "in_windows": None if inside is None else len(inside),
                "opened": len(read),
                "opened_outside": None if inside is None else len(read - inside),
            }
        )
    return rows


def _in_windows(app: App, result: Result, name: str) -> set[str]:
    """The files of an input's partitions in the windows of the days that were built, from its metadata alone."""
    dataset, table = app.datasets.all[result.dataset], app.lake.table(name)
    head = branch.head(table)
    if not isinstance(dataset, Daily) or result.plan is None:
        return {_local(file.path) for file in partitions.live_files(table, head)}
    chosen = window_days(dataset.node.windows[name], result.plan.build, dataset.first_day)
    day_of = dataset.input_day(name)
    files = partitions.live_files(table, head, lambda v: day_of(v) is not None and (not chosen or day_of(v) in chosen))
    return {_local(file.path) for file in files}


def _local(address: str) -> str:
    """The path of a table's address; partition folders hold percent signs that are part of their names."""
    return urlparse(address).path.rstrip("/")


def main() -> None:
    """Measure one run."""
    home, exports = (Path(argument).absolute() for argument in sys.argv[1:])
    begun = time.perf_counter()
    app = started(home)
    start = time.perf_counter() - begun
    figures = run(app, exports)
    app.close()
    print(json.dumps({"start_seconds": start, **figures}))


if __name__ == "__main__":
    main()
