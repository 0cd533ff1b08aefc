"""What runs did, read from `ops.run`: one entry for each dataset that a run, or a step of it, had to do with."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from infra.app.app import RUNS, App
from infra.lake.filters import at_least


@dataclass(frozen=True)
class RunEntry:
    """What one run, or one step of it, did to one dataset."""

    at: datetime
    run: str
    dataset: str
    outcome: str
    committed: tuple[str, ...]
    causes: tuple[str, ...]
    seconds: dict[str, float]
    detail: str


def runs_since(app: App, moment: datetime) -> list[RunEntry]:
    """Every entry from a moment on, oldest first."""
    table = app.lake.find(RUNS)
    if table is None:
        return []
    rows = table.scan(row_filter=at_least("at", moment.isoformat())).to_arrow().to_pylist()
    return [_entry(row) for row in sorted(rows, key=lambda row: (row["at"], row["run"], row["dataset"]))]


def _entry(row: dict[str, Any]) -> RunEntry:
    said = json.loads(row["detail"])
    return RunEntry(
        row["at"],
        row["run"],
        row["dataset"],
        row["outcome"],
        tuple(said["committed"]),
        tuple(cause["why"] for cause in said["causes"]),
        dict(said["seconds"]),
        said["detail"],
    )


def phases(entries: Iterable[RunEntry]) -> dict[str, float]:
    """Seconds of the loop's steps over all entries, by step."""
    found: dict[str, float] = defaultdict(float)
    for entry in entries:
        for phase, seconds in entry.seconds.items():
            found[phase] += seconds
    return dict(found)
