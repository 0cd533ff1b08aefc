"""Plans in words: which partitions are due, why, and what stays owed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from infra.app.escaped import escaped
from infra.lake.provenance import day_ranges
from infra.loop.build import held_keys
from infra.loop.plan import Cause, Partition, Plan

KINDS = {
    "new": "not built yet",
    "gone": "no longer exists at the inputs",
    "input": "{about} moved",
    "history": "the history of {about} is gone: everything is built anew",
    "unread": "{about} is no longer read",
    "code": "its code changed",
    "rebuild": "a rebuild was asked for",
    "carried": "the state carried from the day before moved",
    "held": "held back by the gate before ({about})",
    "range": "was outside the days asked for",
    "waits": "waited for {about}",
}


@dataclass(frozen=True)
class Reason:
    """One reason and the partitions it concerns, as ranges."""

    why: str
    partitions: tuple[str, ...]
    count: int


def explain(plan: Plan) -> list[dict[str, object]]:
    """Why what is due is due, as plain data: `{"why", "partitions", "count"}`."""
    return [vars(reason) for reason in due_reasons(plan)]


def due_reasons(plan: Plan) -> list[Reason]:
    """Causes with the partitions they make due."""
    groups: dict[str, list[Partition]] = defaultdict(list)
    for partition, causes in plan.causes.items():
        for cause in causes:
            groups[_words(cause)].append(partition)
    return _reasons(groups)


def left_reasons(plan: Plan) -> list[Reason]:
    """Reasons for the partitions that are due and are not built now."""
    groups: dict[str, list[Partition]] = defaultdict(list)
    for partition, pending in plan.pending.items():
        words = {
            "held": f"held back by the gate ({', '.join(held_keys(pending.about))})",
            "code": "older code built them; `guanxi run --rebuild` restates them",
            "range": "outside the days asked for",
            "waits": f"waits for {pending.about}",
        }[pending.why.value]
        groups[words].append(partition)
    return _reasons(groups)


def in_ranges(partitions: Iterable[Partition], most: int = 6) -> str:
    """Partitions as readable ranges, shortened in the middle when there are many."""
    ranges = [_short(text) for text in day_ranges(sorted(partitions))]
    if len(ranges) <= most:
        return ", ".join(ranges)
    return ", ".join([*ranges[: most - 1], f"… {len(ranges) - most} more …", ranges[-1]])


def _short(text: str) -> str:
    """The key of a landed object, cut to what a person compares; its name is escaped, as its sender chose it."""
    parts = text.split("/", 2)
    return f"{escaped(parts[2])} ({parts[1][:8]})" if len(parts) == 3 else text


def _words(cause: Cause) -> str:
    about = ", ".join(held_keys(cause.about)) if cause.kind == "held" else cause.about
    return KINDS[cause.kind].format(about=about)


def _reasons(groups: Mapping[str, list[Partition]]) -> list[Reason]:
    return [Reason(why, tuple(day_ranges(sorted(found))), len(found)) for why, found in sorted(groups.items())]
