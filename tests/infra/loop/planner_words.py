"""Short words for the planner's tests: days of March 2024 by number, and one feature that reads one events table."""

from collections.abc import Iterable, Mapping

from infra.loop.plan import Grain, InputNow, Node, Partition, Pending, Plan, Recorded, Window

ORDERS = "events.order_line"


def days(*numbers: int) -> frozenset[Partition]:
    """Days of March 2024."""
    return frozenset(f"2024-03-{number:02d}" for number in numbers)


def day(number: int) -> Partition:
    """One day of March 2024."""
    return f"2024-03-{number:02d}"


def numbers(partitions: Iterable[Partition]) -> list[int]:
    """The days of some partitions, in their order."""
    return [int(partition[-2:]) for partition in partitions]


WEEK = days(*range(1, 8))
LEVEL = {ORDERS: InputNow("v1")}


def feature(window: Window = Window(), code: str = "old", carries_state: bool = False) -> Node:  # noqa: B008 - frozen
    """A feature with a partition per day."""
    return Node("features.sales", Grain.DAY, {ORDERS: window}, code, carries_state)


def published(
    had: frozenset[Partition] = WEEK, pending: Mapping[Partition, Pending] | None = None, code: str = "old"
) -> Recorded:
    """What the feature said of itself when it was last published."""
    return Recorded({ORDERS: "v1"}, code, had, pending or {})


def moved(*changed: int, unready: frozenset[Partition] = frozenset()) -> dict[str, InputNow]:
    """A newer version of the input, in which some days differ."""
    return {ORDERS: InputNow("v2", days(*changed), unready)}


def kinds(plan: Plan) -> dict[int, set[str]]:
    """Why each day is due."""
    return {int(partition[-2:]): {cause.kind for cause in causes} for partition, causes in plan.causes.items()}


def owed(plan: Plan) -> dict[int, Pending]:
    """What is left of each day."""
    return {int(partition[-2:]): pending for partition, pending in plan.pending.items()}
