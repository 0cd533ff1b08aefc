"""The planner: which partitions of one dataset are out of date, why, and which of them to build now.

Pure: it compares what the published version recorded with what its inputs are now, and knows neither Spark nor Iceberg
nor the clock. A partition is named by text: a day in ISO form, the key of a landed object, or `WHOLE`.
"""

from collections import defaultdict
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
    """What a run was asked for: days between `first` and `last` only; `rebuild` builds them whatever moved."""

    first: Partition | None = None
    last: Partition | None = None
    rebuild: bool = False

    def covers(self, partition: Partition) -> bool:
        """Whether a partition lies in the days asked for; partitions that are not days always do."""
        if not _is_day(partition):
            return True
        return (self.first is None or partition >= self.first) and (self.last is None or partition <= self.last)


@dataclass(frozen=True, order=True)
class Cause:
    """Why a partition is due: `kind` is new, gone, input, history, code, rebuild, carried or a Why."""

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


def plan(
    node: Node,
    recorded: Recorded | None,
    inputs: Mapping[str, InputNow],
    wanted: frozenset[Partition],
    scope: Scope = Scope(),
    released: frozenset[Partition] = frozenset(),
) -> Plan:
    """Plan one dataset.

    `recorded` is None before the first publication. `wanted` are the partitions that must exist now: for days from the
    first day to the frontier. `released` are held partitions whose verdict no longer binds (their input moved, or
    somebody accepted it).
    """
    causes = _causes(node, recorded, inputs, wanted, scope, released)
    if node.carries_state:
        _carry(causes, wanted)
    pending = _left(node, causes, inputs, wanted, scope)
    before = recorded.pending if recorded else {}
    pending.update({p: kept for p, kept in before.items() if kept.why is Why.HELD and p not in causes})
    return Plan(
        name=node.name,
        causes={partition: frozenset(why) for partition, why in sorted(causes.items())},
        build=tuple(partition for partition in sorted(causes) if partition not in pending),
        pending=dict(sorted(pending.items())),
        wanted=wanted,
        moved=_moved(recorded, inputs),
        code_moved=recorded is None or recorded.code != node.code,
        pending_moved=recorded is None or pending != dict(before),
    )


Causes = dict[Partition, set[Cause]]


def _causes(
    node: Node,
    recorded: Recorded | None,
    inputs: Mapping[str, InputNow],
    wanted: frozenset[Partition],
    scope: Scope,
    released: frozenset[Partition],
) -> Causes:
    causes: Causes = defaultdict(set)
    had = recorded.had if recorded else frozenset()

    def mark(partitions: Iterable[Partition], cause: Cause) -> None:
        for partition in partitions:
            causes[partition].add(cause)

    mark(wanted - had, Cause("new"))
    mark(had - wanted, Cause("gone"))
    if recorded is None:
        return causes
    if recorded.code != node.code:
        mark(wanted & had, Cause("code"))
    if scope.rebuild:
        mark((p for p in wanted if scope.covers(p)), Cause("rebuild"))
    for partition, pending in recorded.pending.items():
        if pending.why is not Why.HELD or partition in released or recorded.code != node.code:
            causes[partition].add(Cause(pending.why.value, pending.about))
    for name, now in inputs.items():
        if now.changed is None or name not in recorded.inputs:
            mark(wanted | had, Cause("history", name))
        else:
            mark(_dirty(node, name, now.changed, wanted), Cause("input", name))
    return causes


def _dirty(node: Node, name: str, changed: frozenset[Partition], wanted: frozenset[Partition]) -> Iterable[Partition]:
    if node.grain is Grain.WHOLE:
        return wanted if changed else ()
    if node.grain is Grain.OBJECT:
        return changed & wanted
    window = node.windows[name]
    if window.before is None and changed:
        return window.dirties(min(changed), wanted)
    return (output for day in changed for output in window.dirties(day, wanted))


def _waits_for_rebuild(causes: set[Cause]) -> bool:
    """Whether only the code moved: old days are restated when somebody asks for them, never by surprise."""
    return all(cause.kind == "code" for cause in causes)


def _carry(causes: Causes, wanted: frozenset[Partition]) -> None:
    """A state is carried forward: every day after one that is built is due too."""
    built = [p for p in causes if p in wanted and not _waits_for_rebuild(causes[p])]
    gone = [p for p in causes if p not in wanted]
    if built:
        for partition in wanted:
            if partition > min(built):
                causes[partition].add(Cause("carried"))
    # A day that fell off the front of the range takes its state out of all later ones.
    for partition in wanted if gone and wanted and min(gone) < min(wanted) else ():
        causes[partition].add(Cause("carried"))


def _left(
    node: Node, causes: Causes, inputs: Mapping[str, InputNow], wanted: frozenset[Partition], scope: Scope
) -> dict[Partition, Pending]:
    """The due partitions that are not built now, each with its reason."""
    left: dict[Partition, Pending] = {}
    gap = False
    from_day = min(wanted, default="")
    for partition in sorted(causes):
        if _waits_for_rebuild(causes[partition]):
            left[partition] = Pending(Why.CODE)
        elif not scope.covers(partition):
            left[partition] = Pending(Why.RANGE)
        elif name := _unready_input(node, partition, inputs, from_day):
            left[partition] = Pending(Why.WAITS, name)
        elif gap:
            left[partition] = Pending(Why.WAITS, node.name)
        # A state cannot be carried over a day that was left; one that merely has older code still carries it.
        gap = gap or (node.carries_state and partition in left and left[partition].why is not Why.CODE)
    return left


def _unready_input(node: Node, partition: Partition, inputs: Mapping[str, InputNow], from_day: Partition) -> str | None:
    for name, now in inputs.items():
        if not now.unready:
            continue
        if node.grain is not Grain.DAY:
            return name
        first, last = node.windows[name].reads(partition, min(from_day, *now.unready))
        if any(first <= day <= last for day in now.unready):
            return name
    return None


def _moved(recorded: Recorded | None, inputs: Mapping[str, InputNow]) -> dict[str, tuple[str | None, str]]:
    before = recorded.inputs if recorded else {}
    return {name: (before.get(name), now.version) for name, now in inputs.items() if before.get(name) != now.version}


def shift(day: Partition, days: int) -> Partition:
    """The day that lies `days` later."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def _is_day(partition: Partition) -> bool:
    return len(partition) == 10 and partition[4] == partition[7] == "-"
