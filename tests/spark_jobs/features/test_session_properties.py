"""Whatever visitors do, and in whatever ranges of days it is built: the sessions are those of the definition."""

import hashlib
import random
from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from tests.spark_jobs.features.visits import FIRST_DAY, Interaction, at, built

LAST_DAY = 4
KINDS = ("view", "click", "search", "like", "comment", "share", "save", "add_to_cart", "remove_from_cart", "checkout")
# In seconds. Twenty and 24 minutes divide a day, 25 do not.
GAPS = (0, 1, 600, 1200, 1440, 1500, 1799.999999, 1800, 1800.000001, 7200, 40000)
# A visitor: when it comes, what its pauses are like and how often each comes, and what it does.
STRIDES = st.lists(st.tuples(st.sampled_from(GAPS), st.sampled_from((1, 2, 5, 60, 75, 150))), max_size=6)
ARRIVAL = st.one_of(st.integers(0, 4 * 24 * 60), st.integers(3 * 24 * 60 - 60, 3 * 24 * 60))
VISITORS = st.lists(st.tuples(ARRIVAL, STRIDES, st.integers(0, 2**32)), min_size=20, max_size=24)
Visitor = tuple[int, list[tuple[float, int]], int]


def visit(name: str, visitor: Visitor) -> Iterator[Interaction]:
    """What a visitor does."""
    arrival, strides, seed = visitor
    dice, instant = random.Random(seed), at(arrival)
    gaps = [0.0, *(gap for gap, times in strides for _ in range(times))]
    for number, gap in enumerate(gaps):
        instant += timedelta(seconds=gap)
        yield Interaction(
            occurred_at=instant,
            visitor=name,
            kind=dice.choice(KINDS),
            account=dice.choice([None, None, None, "1", "2"]),
            product=dice.choice([None, "p", "q", "r"]),
            event_id=f"{dice.random()}-{name}-{number}",
            # Two visitors of one name on two platforms, once in a while.
            namespace="live" if seed % 4 == 0 else "shop",
        )


def interactions(visitors: list[Visitor]) -> list[Interaction]:
    """What all visitors do, in no order."""
    found = [event for number, visitor in enumerate(visitors) for event in visit(str(number % 19), visitor)]
    random.Random(0).shuffle(found)
    return found


def defined(events: list[Interaction]) -> list[dict[str, Any]]:
    """The sessions by their definition, one visitor and one interaction after the other."""
    ordered = sorted(events, key=lambda event: (event.namespace, event.visitor, event.occurred_at, event.event_id))
    rows = []
    for _, own in groupby(ordered, key=lambda event: (event.namespace, event.visitor)):
        open_session: list[Interaction] = []
        for event in own:
            if open_session and is_over(open_session, event):
                rows.append(described(open_session))
                open_session = []
            open_session.append(event)
        rows.append(described(open_session))
    return [row for row in rows if row["day"] <= FIRST_DAY + timedelta(days=LAST_DAY)]


def is_over(events: list[Interaction], event: Interaction) -> bool:
    """Whether a session is over when something more happens."""
    return (
        event.occurred_at - events[-1].occurred_at >= timedelta(minutes=30)
        or event.occurred_at - events[0].occurred_at >= timedelta(hours=24)
        or event.day - events[0].day > timedelta(days=1)
    )


def described(events: list[Interaction]) -> dict[str, Any]:
    """The row of a session."""
    first, last = events[0], events[-1]
    micros = (first.occurred_at - at(0)) // timedelta(microseconds=1) + int(at(0).timestamp()) * 1_000_000
    identity = f"{first.namespace}\x1f{micros}\x1f{first.visitor}"
    kinds = [event.kind for event in events]
    return {
        "day": first.day,
        "namespace": first.namespace,
        "visitor_id": first.visitor,
        "session_id": hashlib.sha256(identity.encode()).hexdigest()[:32],
        "account_id": next((event.account for event in events if event.account), None),
        "started_at": first.occurred_at,
        "ended_at": last.occurred_at,
        "duration_seconds": (last.occurred_at - first.occurred_at) // timedelta(seconds=1),
        "interactions": len(events),
        "views": kinds.count("view"),
        "searches": kinds.count("search"),
        "engagements": sum(kinds.count(kind) for kind in ("like", "comment", "share", "save")),
        "cart_adds": kinds.count("add_to_cart"),
        "checkouts": kinds.count("checkout"),
        "products": len({event.product for event in events} - {None}),
    }


@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(VISITORS)
def test_days_built_one_by_one_and_in_one_go_are_those_of_the_definition(
    spark: SparkSession, visitors: list[Visitor]
) -> None:
    events = interactions(visitors)
    expected = defined(events)

    assert built(spark, events, 0, LAST_DAY) == expected

    one_by_one: list[dict[str, Any]] = []
    for day in range(LAST_DAY + 1):
        one_by_one += built(spark, events, day, day, one_by_one)
    assert sorted(one_by_one, key=lambda row: (row["namespace"], row["visitor_id"], row["started_at"])) == expected
