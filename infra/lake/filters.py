"""Row filters of pyiceberg scans; its own constructors carry types that no checker accepts."""

from collections.abc import Iterable
from datetime import date, datetime

from pyiceberg.expressions import BooleanExpression, EqualTo, GreaterThanOrEqual, In, IsNull


def equals(column: str, value: str) -> BooleanExpression:
    """Rows whose column has one value."""
    return EqualTo(column, value)  # type: ignore


def is_in(column: str, values: Iterable[str] | Iterable[date]) -> BooleanExpression:
    """Rows whose column has one of some values."""
    return In(column, set(values))  # type: ignore


def is_null(column: str) -> BooleanExpression:
    """Rows whose column has no value."""
    return IsNull(column)  # type: ignore


def not_before(column: str, moment: datetime) -> BooleanExpression:
    """Rows whose column has this moment or a later one."""
    return GreaterThanOrEqual(column, moment.isoformat())  # type: ignore
