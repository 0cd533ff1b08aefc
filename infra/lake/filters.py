"""Row filters of pyiceberg scans; its own constructors carry types that no checker accepts."""

from collections.abc import Iterable
from datetime import date, datetime

from pyiceberg.expressions import (
    And,
    BooleanExpression,
    EqualTo,
    GreaterThanOrEqual,
    In,
    IsNull,
    LessThanOrEqual,
    Or,
)

from infra.lake import partitions


def equals(column: str, value: str) -> BooleanExpression:
    """Rows whose column has one value."""
    return EqualTo(column, value)  # type: ignore


def is_in(column: str, values: Iterable[str] | Iterable[date]) -> BooleanExpression:
    """Rows whose column has one of some values."""
    return In(column, set(values))  # type: ignore


def on_days(column: str, days: Iterable[str]) -> BooleanExpression:
    """Rows whose date is one of some days, ISO."""
    ranges, others = partitions.ranges(days)
    among = is_in(column, others)
    for first, last in ranges:
        among = Or(among, And(GreaterThanOrEqual(column, first), LessThanOrEqual(column, last)))  # type: ignore
    return among


def is_null(column: str) -> BooleanExpression:
    """Rows whose column has no value."""
    return IsNull(column)  # type: ignore


def not_before(column: str, moment: datetime) -> BooleanExpression:
    """Rows whose column has this moment or a later one."""
    return GreaterThanOrEqual(column, moment.isoformat())  # type: ignore
