"""The planner: which partitions of one dataset are out of date, why, and which of them to build now.

Pure: it compares what the published version recorded with what its inputs are now, and knows neither Spark nor Iceberg
nor the clock.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from infra.loop.terms import (
    EVERYTHING,
    WHOLE,
    Cause,
    Grain,
    InputNow,
    Node,
    Partition,
    Pending,
    Plan,
    Recorded,
    Scope,
    Why,
    Window,
    shift,
)

__all__ = [
    "EVERYTHING",
    "WHOLE",
    "Cause",
    "Grain",
    "InputNow",
    "Node",
    "Partition",
    "Pending",
    "Plan",
    "Recorded",
    "Scope",
    "Why",
    "Window",
    "plan",
    "shift",
]


def plan(
    node: Node,
    recorded: Recorded | None,
    inputs: Mapping[str, InputNow],
    wanted: frozenset[Partition],
    scope: Scope = EVERYTHING,
    released: frozenset[Partition] = frozenset(),
) -> Plan:
    """Plan one dataset.

    `recorded` is None before the first publication. `wanted` are the partitions that must exist now: for days from the
    first day to the frontier. `released` are held partitions whose verdict no longer binds (their input moved, or
    somebody accepted it).

    Before anything is due there is nothing to publish; and what reads objects is level while its objects are the same,
    whatever else is listed beside them.
    """
    causes = _causes(node, recorded, inputs, wanted, scope, released)
    if node.carries_state:
        _carry(causes, wanted)
    pending = _left(node, causes, inputs, wanted, scope)
    before = recorded.pending if recorded else {}
    pending.update({p: kept for p, kept in before.items() if kept.why is Why.HELD and p not in causes})
    says_nothing = not causes and pending == dict(before) and (recorded is None or node.grain is Grain.OBJECT)
    return Plan(
        name=node.name,
        causes={partition: frozenset(why) for partition, why in sorted(causes.items())},
        build=tuple(partition for partition in sorted(causes) if partition not in pending),
        pending=dict(sorted(pending.items())),
        wanted=wanted,
        moved={} if says_nothing else _moved(recorded, inputs),
        code_moved=not says_nothing and (recorded is None or recorded.code != node.code),
        pending_moved=not says_nothing and (recorded is None or pending != dict(before)),
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
    mark(wanted & scope.again.get(node.name, frozenset()), Cause("rebuild"))
    for partition, pending in recorded.pending.items():
        if pending.why is not Why.HELD or partition in released or recorded.code != node.code:
            causes[partition].add(Cause(pending.why.value, pending.about))
    for partitions, cause in _input_causes(node, recorded, inputs, wanted):
        mark(partitions, cause)
    return causes


def _input_causes(
    node: Node, recorded: Recorded, inputs: Mapping[str, InputNow], wanted: frozenset[Partition]
) -> Iterator[tuple[Iterable[Partition], Cause]]:
    """What moved at the inputs, and which inputs are read no more though the code is the same."""
    for name, now in inputs.items():
        if recorded.inputs.get(name) != now.version:
            yield _input_cause(node, name, now, wanted, recorded.had)
    if recorded.code == node.code:
        for name in recorded.inputs.keys() - inputs.keys():
            yield wanted | recorded.had, Cause("unread", name)


def _input_cause(
    node: Node, name: str, now: InputNow, wanted: frozenset[Partition], had: frozenset[Partition]
) -> tuple[Iterable[Partition], Cause]:
    if now.changed is None:
        return wanted | had, Cause("history", name)
    return _dirty(node, name, now.changed, wanted), Cause("input", name)


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
