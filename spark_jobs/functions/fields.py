"""The fields of records as data: a typed column of each, and the rule on the form in which it is delivered.

Whether a field may be absent is said by the contracts of the tables alone (`envelope.to_envelope`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from spark_jobs.functions.envelope import Rule
from spark_jobs.functions.strict import filled


@dataclass(frozen=True)
class Field:
    """A delivered field and the typed column that is made of it.

    `name` is the typed column, `wire` what the platform calls the field, `value` the typed value, null where the field
    has not the promised form. `form` says that form in words; without it nothing delivered is wrong. `delivered` is the
    column of `fields` that the value is read from, `name` if it is not given; `reason` the code of records of another
    form, invalid_<name> if it is not given.
    """

    name: str
    wire: str
    value: Column
    form: str = ""
    delivered: str = ""
    reason: str = ""


def text(name: str, wire: str, delivered: str = "") -> Field:
    """Return a field of free text: whatever is delivered is right, and an empty text is none."""
    return Field(name, wire, filled(f"fields.{delivered or name}"), delivered=delivered)


def typed(records: DataFrame, fields: Sequence[Field]) -> DataFrame:
    """Add the typed column of each field; the columns of `records` stay, a row for a row."""
    return records.select("*", *[field.value.alias(field.name) for field in fields])


def form_rules(fields: Sequence[Field]) -> list[Rule]:
    """Return the rules on typed records that what is delivered has its form, one for each reason, in the fields' order.

    A field that is empty or absent breaks none.
    """
    reasons: dict[str, list[Field]] = {}
    for field in fields:
        if field.form:
            reasons.setdefault(field.reason or f"invalid_{field.name}", []).append(field)
    return [
        Rule(
            reason, "; ".join(f"{one.wire} is {one.form}" for one in of), reduce(Column.__or__, map(_is_malformed, of))
        )
        for reason, of in reasons.items()
    ]


def _is_malformed(field: Field) -> Column:
    """Tell whether a field was delivered in another form than its own."""
    return filled(f"fields.{field.delivered or field.name}").isNotNull() & F.col(field.name).isNull()
