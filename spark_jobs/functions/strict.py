"""Typing of delivered texts by the exact form that a source promises."""

from collections.abc import Mapping

from pyspark.sql import Column
from pyspark.sql import functions as F

WHOLE_NUMBER = r"^[0-9]{1,18}\z"
"""A whole number from 0 of at most 18 digits."""
WHOLE = "a whole number from 0 of at most 18 digits"
DAYS = r"^[1-9][0-9]{0,4}\z"
RATING = r"^[1-5]\z"
YUAN = r"^[0-9]{1,14}\.[0-9]{2}\z"
"""An amount with two decimals, of at most 14 digits before them."""
SHA256 = r"^[0-9a-f]{64}\z"


def exactly(field: str, form: str, type_name: str) -> Column:
    """Return the field as `type_name` if it has the form (a regular expression), else null.

    A cast alone is too lenient: it trims blanks, rounds, reads exponents, one-digit months and times in many notations.
    """
    return F.when(F.col(field).rlike(form), F.col(field).try_cast(type_name))


def filled(field: str) -> Column:
    """Return the text of a field, null where it is empty."""
    return F.nullif(F.col(field), F.lit(""))


def looked_up(meanings: Mapping[str, str | int], field: str) -> Column:
    """Return what the text of a field means, null where it is none of those that have a meaning."""
    pairs = [F.lit(part) for pair in meanings.items() for part in pair]
    return F.try_element_at(F.create_map(*pairs), F.col(field))
