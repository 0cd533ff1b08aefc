"""Provenance: what a table version says of itself in its snapshot summary. This is Guanxi's only ledger."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from pyiceberg.table import Table

from infra.lake import branch
from infra.lake.catalog import Lake
from infra.lake.partitions import days_between

PREFIX = "guanxi."
INPUT_PREFIX = "guanxi.input."


@dataclass(frozen=True)
class Provenance:
    """The exact input versions a table version was built from, by which code, and what it still owes.

    `inputs` maps an input's name to its version (a snapshot id; for `landing` the digest of the listing). `covers` is
    the first and the last partition of the version, `pending` maps each partition that was due and left to the reason.
    `complete_through` is the last day of which no more input is expected, `event_days` the first and
    the newest event day among its rows, for the tables in which event days first appear. `built` are the partitions
    that were computed for it, on top of the version `base`.
    """

    inputs: Mapping[str, str]
    code: str
    run: str
    covers: tuple[str, str] | None = None
    pending: Mapping[str, str] = field(default_factory=dict)
    complete_through: str | None = None
    event_days: tuple[str, str] | None = None
    built: tuple[str, ...] = ()
    base: int | None = None

    def summary(self) -> dict[str, str]:
        """The provenance as snapshot properties."""
        return {
            **{INPUT_PREFIX + name: version for name, version in sorted(self.inputs.items())},
            "guanxi.code": self.code,
            "guanxi.run": self.run,
            "guanxi.covers": "..".join(self.covers) if self.covers else "",
            "guanxi.pending": json.dumps(_by_reason(self.pending), separators=(",", ":")),
            "guanxi.complete_through": self.complete_through or "",
            "guanxi.event_days": "..".join(self.event_days) if self.event_days else "",
            "guanxi.built": json.dumps(_runs(sorted(self.built)), separators=(",", ":")),
            "guanxi.base": str(self.base or ""),
        }


def read(table: Table, snapshot_id: int) -> Provenance | None:
    """Provenance of one version; None for the empty version a table is created with, or one that was expired."""
    snapshot = table.snapshot_by_id(snapshot_id)
    if snapshot is None or snapshot.summary is None or "guanxi.code" not in snapshot.summary.additional_properties:
        return None
    return parse(snapshot.summary.additional_properties)


def parse(summary: Mapping[str, str]) -> Provenance:
    """Provenance from snapshot properties."""
    return Provenance(
        inputs={key.removeprefix(INPUT_PREFIX): v for key, v in summary.items() if key.startswith(INPUT_PREFIX)},
        code=summary["guanxi.code"],
        run=summary["guanxi.run"],
        covers=_pair(summary["guanxi.covers"]),
        pending=_by_partition(json.loads(summary["guanxi.pending"])),
        complete_through=summary["guanxi.complete_through"] or None,
        event_days=_pair(summary["guanxi.event_days"]),
        built=tuple(partition for run in json.loads(summary.get("guanxi.built", "[]")) for partition in _expand(run)),
        base=int(summary["guanxi.base"]) if summary.get("guanxi.base") else None,
    )


def _pair(text: str) -> tuple[str, str] | None:
    first, _, last = text.partition("..")
    return (first, last) if first else None


def published(table: Table | None) -> Provenance | None:
    """Provenance of what `main` shows; None before the first publication."""
    return None if table is None else read(table, branch.head(table))


def seal(lake: Lake, name: str, run_branch: str, provenance: Provenance) -> int:
    """Close a branch with an empty snapshot that carries the provenance; returns the id of that snapshot.

    Builders only write data: the seal is the version that is gated and published, so whatever way the rows were
    written (one commit, several, none), the published version always names its inputs.
    """
    table = lake.table(name)
    table.append(table.schema().as_arrow().empty_table(), snapshot_properties=provenance.summary(), branch=run_branch)
    return branch.head(table, run_branch)


def _by_reason(pending: Mapping[str, str]) -> dict[str, list[list[str]]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for partition, reason in pending.items():
        groups[reason].append(partition)
    return {reason: _runs(sorted(partitions)) for reason, partitions in sorted(groups.items())}


def _by_partition(groups: Mapping[str, Iterable[list[str]]]) -> dict[str, str]:
    return {partition: reason for reason, runs in groups.items() for run in runs for partition in _expand(run)}


def day_ranges(partitions: list[str]) -> list[str]:
    """Sorted partitions as text, runs of adjacent days as `first..last`."""
    return ["..".join(run) for run in _runs(partitions)]


def _runs(partitions: list[str]) -> list[list[str]]:
    """Runs of adjacent days as [first, last], so that a year of pending days stays one entry; all else as [name]."""
    runs: list[list[str]] = []
    for partition in partitions:
        if runs and _is_next_day(runs[-1][-1], partition):
            runs[-1][1:] = [partition]
        else:
            runs.append([partition])
    return runs


def _is_next_day(day: str, other: str) -> bool:
    try:
        return date.fromisoformat(other) - date.fromisoformat(day) == timedelta(days=1)
    except ValueError:
        return False


def _expand(run: list[str]) -> list[str]:
    return days_between(run[0], run[-1]) if len(run) > 1 else run
