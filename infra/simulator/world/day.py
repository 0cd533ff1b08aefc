"""One day of the world: its bounds, and what happened in it as tables of columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

MARKET_ZONE = ZoneInfo("Asia/Shanghai")
SECOND = 1_000_000
"""Moments are microseconds since 1970, UTC."""
HOUR = 3_600 * SECOND
DAY = 24 * HOUR

IDENTITIES_A_DAY = 100_000_000
BEFORE = 1_000
"""Days that may lie before the first one."""

Column = NDArray[Any]
Columns = Mapping[str, Column]


@dataclass
class Day:
    """A business day of the market; `tables` holds what each phenomenon tells of it, `truth` what no platform sees."""

    number: int
    date: date
    tables: dict[str, Columns] = field(default_factory=dict)
    truth: dict[str, Columns] = field(default_factory=dict)

    def tell(self, table: str, **columns: Column) -> None:
        """Add rows to a table of what platforms see."""
        _append(self.tables, table, columns)

    def keep(self, table: str, **columns: Column) -> None:
        """Add rows to a table of the truth."""
        _append(self.truth, table, columns)

    def identities(self, count: int, taken: int = 0) -> NDArray[np.int64]:
        """Numbers that no row of another day has; `taken` have been given out on this day before."""
        return (self.number + BEFORE) * IDENTITIES_A_DAY + taken + np.arange(count, dtype=np.int64)

    @property
    def begin_us(self) -> int:
        """Midnight in the market's zone."""
        return int(datetime.combine(self.date, time(), MARKET_ZONE).timestamp()) * SECOND

    @property
    def end_us(self) -> int:
        """The next midnight."""
        return Day(self.number + 1, self.date + timedelta(days=1)).begin_us


class Postponed:
    """Rows that are due later than the day on which they were caused; they wait, sorted by nothing but their day."""

    def __init__(self) -> None:
        self._waiting: Columns | None = None

    def due(self, day: Day, rows: Columns) -> Columns:
        """All rows, new or waiting, whose `at_us` lies before the day's end; the others go on waiting."""
        everything = rows if self._waiting is None else joined(self._waiting, rows)
        now = everything["at_us"] < day.end_us
        self._waiting = chosen(everything, ~now)
        return chosen(everything, now)


def chosen(rows: Columns, which: Column) -> Columns:
    """Some rows, by mask or by number."""
    return {name: column[which] for name, column in rows.items()}


def joined(first: Columns, second: Columns) -> Columns:
    """The rows of both; they have the same columns."""
    return {name: np.concatenate([column, second[name]]) for name, column in first.items()}


def _append(tables: dict[str, Columns], name: str, columns: Columns) -> None:
    tables[name] = joined(tables[name], columns) if name in tables else columns
