"""Lateness and conflicts by source: the newest days first, the newest conflicts of all sources together."""

from datetime import date, datetime
from typing import Any

from infra.app.pages.lateness import CONFLICTS_SHOWN, COUNTS, DAYS_SHOWN, lateness_of


def row(source: str, day: int, received: int | None = None, **counts: int) -> dict[str, Any]:
    """A day of May; `received` is the day of May on which its newest conflict came."""
    hour = None if received is None else datetime(2026, 5, received)
    told = {**dict.fromkeys(COUNTS, 0), **counts, "conflicts": 0 if received is None else 1}
    return {"source": source, "event_day": date(2026, 5, day), "newest_conflict_received_hour": hour} | told


def test_each_source_has_its_totals_and_its_newest_days() -> None:
    days = [row("shop", day, records=2, one_day_late=1) for day in range(1, DAYS_SHOWN + 3)]

    shop, stall = lateness_of([*days, row("stall", 3, records=5)]).sources

    assert (shop.totals["records"], shop.totals["one_day_late"]) == (2 * len(days), len(days))
    assert [found["event_day"].day for found in shop.days] == list(range(DAYS_SHOWN + 2, 2, -1))
    assert (stall.source, stall.totals["records"]) == ("stall", 5)


def test_conflicts_come_in_the_order_in_which_they_were_received() -> None:
    found = lateness_of([row("shop", 1, received=9), row("stall", 2, received=8), row("shop", 3), row("shop", 4, 10)])

    assert [(one["source"], one["event_day"].day) for one in found.conflicts] == [
        ("shop", 4),
        ("shop", 1),
        ("stall", 2),
    ]


def test_only_the_newest_conflicts_are_shown() -> None:
    many = [row(f"source {number}", 1, received=1) for number in range(CONFLICTS_SHOWN + 1)]

    assert len(lateness_of(many).conflicts) == CONFLICTS_SHOWN
