"""The planner's terms: partitions, windows, what a version recorded, causes and plans.

A partition is named by text: a day in ISO form, the key of a landed object, or `WHOLE`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

Partition = str
WHOLE: Partition = "whole"


class Grain(StrEnum):
    """What the partitions of a dataset are."""

    DAY = "day"
    OBJECT = "object"
    WHOLE = "whole"


class Why(StrEnum):
    """Why a partition that is due was left: kept in the ledger until it is built."""

    HELD = "held"  # its rows failed the gate; the published ones stay
    CODE = "code"  # built by older code; waits for `--rebuild` or for new input
    RANGE = "range"  # outside the days this run was asked for
    WAITS = "waits"  # needs a partition that was itself left


@dataclass(frozen=True, order=True)
class Pending:
    """A reason for leaving a partition, with what it is about (for HELD the source and the key of the verdict)."""

    why: Why
    about: str = ""


@dataclass(frozen=True)
class Window:
    """The days of an input that one output day reads: `[day - before, day + after]`; `before=None` is unbounded."""

    before: int | None = 0
    after: int = 0

    def reads(self, day: Partition, from_day: Partition) -> tuple[Partition, Partition]:
        """First and last input day behind one output day; `from_day` is the first day there is."""
        first = from_day if self.before is None else max(from_day, shift(day, -self.before))
        return first, shift(day, self.after)

    def dirties(self, day: Partition, wanted: frozenset[Partition]) -> Iterable[Partition]:
        """Wanted output days that read one input day."""
        first = shift(day, -self.after)
        if self.before is None:
            return (output for output in wanted if output >= first)
        days = (shift(day, offset) for offset in range(-self.after, self.before + 1))
        return (output for output in days if output in wanted)


@dataclass(frozen=True)
class Node:
    """One dataset as the planner sees it; `windows` says for each input what an output partition reads of it."""

    name: str
    grain: Grain
    windows: Mapping[str, Window]
    code: str
    carries_state: bool = False


@dataclass(frozen=True)
class InputNow:
    """One input at the version this run has pinned.

    `changed`: its partitions that moved since the version recorded by the output, None where that history is gone.
    `unready`: its partitions that were due and left (RANGE, WAITS): nothing may be built on them yet.
    """

    version: str
    changed: frozenset[Partition] | None = frozenset()
    unready: frozenset[Partition] = frozenset()


@dataclass(frozen=True)
class Recorded:
    """What the published version says of itself; `had` are the partitions it covers."""

    inputs: Mapping[str, str]
    code: str
    had: frozenset[Partition]
    pending: Mapping[Partition, Pending] = field(default_factory=dict)


@dataclass(frozen=True)
class Scope:
    """What a run was asked for: days between `first` and `last` only; `rebuild` builds them whatever moved.

    `again` are further partitions to build whatever moved, by dataset.
    """

    first: Partition | None = None
    last: Partition | None = None
    rebuild: bool = False
    again: Mapping[str, frozenset[Partition]] = field(default_factory=dict)

    def covers(self, partition: Partition) -> bool:
        """Whether a partition lies in the days asked for; partitions that are not days always do."""
        if not _is_day(partition):
            return True
        return (self.first is None or partition >= self.first) and (self.last is None or partition <= self.last)


EVERYTHING = Scope()


@dataclass(frozen=True, order=True)
class Cause:
    """Why a partition is due: `kind` is new, gone, input, history, unread, code, rebuild, carried or a Why."""

    kind: str
    about: str = ""


@dataclass(frozen=True)
class Plan:
    """What is due and why, what to build now, and what stays owed afterwards."""

    name: str
    causes: Mapping[Partition, frozenset[Cause]]
    build: tuple[Partition, ...]
    pending: Mapping[Partition, Pending]
    wanted: frozenset[Partition]
    moved: Mapping[str, tuple[str | None, str]]
    code_moved: bool
    pending_moved: bool = False

    @property
    def is_level(self) -> bool:
        """Whether the published version already says all there is to say: nothing to build, nothing to record."""
        return not (self.build or self.moved or self.code_moved or self.pending_moved)


def shift(day: Partition, days: int) -> Partition:
    """The day that lies `days` later."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def _is_day(partition: Partition) -> bool:
    return len(partition) == 10 and partition[4] == partition[7] == "-"
