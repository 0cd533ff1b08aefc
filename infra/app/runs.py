"""Runs as status, pages and demo tell them, put together from the rows of `ops.run`."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from infra.app.app import App
from infra.app.declared import RUNS
from infra.app.explain import Reason
from infra.lake.filters import equals

PHASES: Final = ("plan", "build", "gate", "publish")
IDLE: Final = frozenset({"unchanged"})


@dataclass(frozen=True)
class Part:
    """What one run did to one dataset; seconds by phase, partitions that were due, computed, and came out different."""

    dataset: str
    outcome: str
    at: datetime
    due: int
    built: int
    committed: tuple[str, ...]
    causes: tuple[Reason, ...]
    moved: Mapping[str, tuple[str | None, str]]
    seconds: Mapping[str, float]
    detail: str
    snapshot_id: int | None

    @property
    def total_seconds(self) -> float:
        """Time spent on the dataset; of gates side by side, each counts what it waits for another."""
        return sum(self.seconds.values())

    @property
    def result(self) -> str:
        """The outcome, and whether the gate let it go on only without the rows of some source."""
        return "partly held" if self.detail and self.outcome in {"published", "gated"} else self.outcome

    @property
    def is_idle(self) -> bool:
        """Whether nothing was done and nothing was to be done."""
        return self.outcome in IDLE and not self.detail


@dataclass(frozen=True)
class RunReport:
    """One run over several datasets, in the order in which it was done with them."""

    id: str
    parts: tuple[Part, ...]

    @property
    def ended_at(self) -> datetime:
        """When it was done with the last dataset."""
        return max(part.at for part in self.parts)

    @property
    def results(self) -> Mapping[str, int]:
        """How many datasets came out how."""
        return Counter(part.result for part in self.parts)

    @property
    def committed(self) -> int:
        """Partitions that came out different."""
        return sum(len(part.committed) for part in self.parts)

    @property
    def total_seconds(self) -> float:
        """Time spent on all datasets."""
        return sum(part.total_seconds for part in self.parts)

    @property
    def seconds(self) -> Mapping[str, float]:
        """Time spent on all datasets, by phase."""
        return {phase: sum(part.seconds.get(phase, 0.0) for part in self.parts) for phase in PHASES}


@dataclass(frozen=True)
class Span:
    """A piece of a bar, in hundredths of its length."""

    phase: str
    start: float
    width: float


def read_runs(app: App, run: str | None = None) -> list[RunReport]:
    """Every run that did something or had something to do, or the one of a name; newest first."""
    table = app.lake.find(RUNS)
    if table is None:
        return []
    rows = table.scan() if run is None else table.scan(row_filter=equals("run", run))
    return group(rows.to_arrow().to_pylist())


def newest_parts(runs: Iterable[RunReport]) -> dict[str, Part]:
    """The last that a run did to each dataset."""
    newest: dict[str, Part] = {}
    for part in sorted((part for run in runs for part in run.parts), key=lambda part: part.at):
        newest[part.dataset] = part
    return newest


def group(rows: Iterable[Mapping[str, Any]]) -> list[RunReport]:
    """Runs, newest first; the rows of one run in steps become one part for each dataset."""
    by_run: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
    for row in sorted(rows, key=lambda row: row["at"]):
        by_run.setdefault(row["run"], {}).setdefault(row["dataset"], []).append(row)
    runs = [RunReport(run, tuple(map(_part, datasets.values()))) for run, datasets in by_run.items()]
    return sorted(runs, key=lambda run: run.ended_at, reverse=True)


def bar(seconds: Mapping[str, float], longest: float) -> list[Span]:
    """The phases end to end, on a scale on which `longest` fills the bar."""
    spans: list[Span] = []
    start = 0.0
    for phase in PHASES:
        width = 100 * seconds.get(phase, 0.0) / longest if longest > 0 else 0.0
        if width:
            spans.append(Span(phase, round(start, 2), round(width, 2)))
        start += width
    return spans


def _part(rows: Sequence[Mapping[str, Any]]) -> Part:
    """One dataset's part: the outcome of its last step, the reasons of the first, the time of all."""
    details = [json.loads(row["detail"]) for row in rows]
    seconds: dict[str, float] = {}
    for detail in details:
        for phase, spent in detail.get("seconds", {}).items():
            seconds[phase] = seconds.get(phase, 0.0) + spent
    said = dict.fromkeys(detail["detail"] for detail in details if detail.get("detail"))
    return Part(
        dataset=rows[-1]["dataset"],
        outcome=rows[-1]["outcome"],
        at=rows[-1]["at"],
        due=max(row["due"] for row in rows),
        built=max(row["built"] for row in rows),
        committed=tuple(details[-1].get("committed", ())),
        causes=_causes(details),
        moved=next((_moved(detail) for detail in details if detail.get("moved")), {}),
        seconds=seconds,
        detail="; ".join(said),
        snapshot_id=rows[-1]["snapshot_id"],
    )


def _causes(details: Iterable[Mapping[str, Any]]) -> tuple[Reason, ...]:
    found: list[Mapping[str, Any]] = next((detail["causes"] for detail in details if detail.get("causes")), [])
    return tuple(Reason(cause["why"], tuple(cause["partitions"]), cause["count"]) for cause in found)


def _moved(detail: Mapping[str, Any]) -> dict[str, tuple[str | None, str]]:
    return {name: (before, now) for name, (before, now) in detail["moved"].items()}
