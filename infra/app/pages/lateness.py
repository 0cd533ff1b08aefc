"""Lateness and conflicts by source: when the records of each day came, and where to look up what contradicts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from infra.app.pages.balance import published_rows
from infra.lake.catalog import Lake

SOURCE_LATENESS: Final = "marts.source_lateness"
COUNTS: Final = {
    "records": "records",
    "on_the_day": "on the day",
    "one_day_late": "1 day late",
    "two_days_late": "2 days late",
    "three_or_more_days_late": "3 or more",
    "duplicates": "duplicates",
    "superseded": "superseded",
    "conflicts": "conflicts",
}
"""The columns that can be added up over days, with their headings."""
HOURS: Final = {"median_hours_late": "median", "p95_hours_late": "95 %", "most_hours_late": "most"}
"""Hours after the end of a day."""
DAYS_SHOWN: Final = 10
CONFLICTS_SHOWN: Final = 20


@dataclass(frozen=True)
class SourceLateness:
    """One source: its counts over all days, and its newest days, newest first."""

    source: str
    totals: Mapping[str, int]
    days: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Lateness:
    """Every source, and the days with conflicts, of which each names its newest; newest first."""

    sources: Sequence[SourceLateness]
    conflicts: Sequence[Mapping[str, Any]]


def read_lateness(lake: Lake) -> Lateness | None:
    """What is published; None where the mart does not exist or was never built."""
    rows = published_rows(lake, SOURCE_LATENESS)
    return None if rows is None else lateness_of(rows)


def lateness_of(rows: Iterable[Mapping[str, Any]]) -> Lateness:
    """The rows of the mart by source, and the newest conflicts of all."""
    newest_first = sorted(rows, key=lambda row: row["event_day"], reverse=True)
    sources = [_source(name, newest_first) for name in sorted({row["source"] for row in newest_first})]
    contradicting = [row for row in newest_first if row["conflicts"]]
    contradicting.sort(key=lambda row: row["newest_conflict_received_hour"], reverse=True)
    return Lateness(sources, contradicting[:CONFLICTS_SHOWN])


def _source(name: str, rows: Sequence[Mapping[str, Any]]) -> SourceLateness:
    own = [row for row in rows if row["source"] == name]
    return SourceLateness(name, {count: sum(row[count] for row in own) for count in COUNTS}, own[:DAYS_SHOWN])
