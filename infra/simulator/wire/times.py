"""Moments as platforms write them, a whole column at once: microseconds since 1970 in UTC to text and business days."""

from datetime import date
from typing import Final, Literal

import numpy as np

from infra.simulator.world.day import DAY, HOUR, Column

Unit = Literal["s", "ms"]
MARKET_OFFSET_US: Final = 8 * HOUR
"""Asia/Shanghai is UTC+8 since 1991, winter and summer."""
FIRST_DAY: Final = date(1992, 1, 1)
"""Days before it may have had summer time."""
EPOCH: Final = date(1970, 1, 1).toordinal()


def business_days(at_us: Column) -> list[date]:
    """The business day in the market's zone of each moment."""
    numbers = (at_us + MARKET_OFFSET_US) // DAY
    known = {number: date.fromordinal(EPOCH + number) for number in np.unique(numbers).tolist()}
    return [known[number] for number in numbers.tolist()]


def utc_text(at_us: Column, unit: Unit = "s") -> list[str]:
    """Moments as 2026-03-02T02:00:00 in UTC without saying so; `unit` s or ms, cut off and not rounded."""
    texts: list[str] = np.datetime_as_string(at_us.astype("datetime64[us]"), unit=unit, casting="unsafe").tolist()
    return texts


def market_text(at_us: Column, unit: Unit = "s") -> list[str]:
    """Moments as 2026-03-02T10:00:00 on the market's clock."""
    return utc_text(at_us + MARKET_OFFSET_US, unit)
