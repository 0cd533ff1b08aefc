"""Row filters of pyiceberg scans; its own constructors carry types that no checker accepts."""

from collections.abc import Iterable
from datetime import date

from pyiceberg.expressions import BooleanExpression, EqualTo, GreaterThanOrEqual, In


def equals(column: str, value: str) -> BooleanExpression:
    """Rows whose column has one value."""
    return EqualTo(column, value)  # type: ignore


def is_in(column: str, values: Iterable[str] | Iterable[date]) -> BooleanExpression:
    """Rows whose column has one of some values."""
    return In(column, set(values))  # type: ignore


def at_least(column: str, value: str | int | float) -> BooleanExpression:
    """Rows whose value is this one or above."""
    return GreaterThanOrEqual(column, value)  # type: ignore[misc, call-arg, arg-type]
