"""The weekday volume rule: a closed day has about as many rows as the same weekday had in the weeks before."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

LEAST_HISTORY = 2
"""Earlier same weekdays below which a day is not compared."""


@dataclass(frozen=True)
class DayVolume:
    """Rows of one closed day beside the median of the same weekday in the weeks before."""

    day: date
    rows: int
    usual_rows: float

    def is_within(self, tolerance: float) -> bool:
        """Whether the rows differ from the median by at most that share of it."""
        return abs(self.rows - self.usual_rows) <= tolerance * self.usual_rows


def compare_weekdays(daily_rows: Mapping[date, int], gated_days: Collection[date], *, weeks: int) -> list[DayVolume]:
    """Each gated day beside its past, in order; days with fewer than two earlier same weekdays are left out.

    `daily_rows` are the row counts of closed days. A gated day without an entry has no rows; an earlier day without
    one, such as a weekday on which the shop is always shut, is no history.
    """
    volumes = []
    for day in sorted(set(gated_days)):
        before = [day - timedelta(weeks=week) for week in range(1, weeks + 1)]
        history = [daily_rows[earlier] for earlier in before if earlier in daily_rows]
        if len(history) >= LEAST_HISTORY:
            volumes.append(DayVolume(day, daily_rows.get(day, 0), median(history)))
    return volumes
