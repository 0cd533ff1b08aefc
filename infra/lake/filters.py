"""Row filters of pyiceberg scans; its own constructors carry types that no checker accepts."""

from collections.abc import Iterable
from datetime import date

from pyiceberg.expressions import BooleanExpression, EqualTo, In


def equals(column: str, value: str) -> BooleanExpression:
    """Rows whose column has one value."""
    return EqualTo(column, value)  # type: ignore


def is_in(column: str, values: Iterable[str] | Iterable[date]) -> BooleanExpression:
    """Rows whose column has one of some values."""
    return In(column, set(values))  # type: ignore
