"""The columns of a contract: what each holds, how personal it is, and which of them name a row or its partition."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from open_data_contract_standard.model import SchemaObject, SchemaProperty

from expectations.contract_error import ContractError
from expectations.document import custom, nested

Classification = Literal["public", "pseudonym", "personal"]

LOGICAL_TYPES = ("string", "date", "timestamp", "number", "integer", "boolean", "object", "array", "map")


@dataclass(frozen=True)
class Column:
    """One column; `arrival` columns say when something came and are left out of the content hash.

    `wire_path` is where a delivered column stands in a record (`physicalName`, else its name), `logical_type` what it
    is there.
    """

    name: str
    description: str
    classification: Classification
    arrival: bool
    required: bool
    logical_type: str
    wire_path: str


def read_columns(path: Path, table: SchemaObject) -> tuple[Column, ...]:
    """The columns in their declared order; raises ContractError for a double name, an unknown class or type."""
    columns = tuple(_read_column(path, column) for column in table.properties or [])
    for names in ([column.name for column in columns], [column.wire_path for column in columns]):
        for name in names:
            if names.count(name) > 1:
                raise ContractError(path, f"column {name}", "a column is declared once", "Remove one of the two")
    return columns


def _read_column(path: Path, column: SchemaProperty) -> Column:
    place = f"column {column.name}"
    classification = column.classification or "public"
    if classification not in get_args(Classification):
        rule = f"unknown classification {classification}"
        raise ContractError(path, place, rule, f"Use one of {', '.join(get_args(Classification))}")
    arrival = custom(column.customProperties).get("arrival", False)
    if not isinstance(arrival, bool):
        raise ContractError(path, place, f"arrival is true or false, not {arrival}", "Write arrival: true")
    for part in (column, *nested(column)):
        _check_type(path, place, part)
    for part in nested(column):
        if part.primaryKey or part.partitioned or part.quality:
            rule = f"field {part.name} inside a column can be no key or partition and carry no quality rules"
            raise ContractError(path, place, rule, "Move it to a column of its own, or the rule to the table")
    return Column(
        name=str(column.name),
        description=column.description or "",
        classification=cast(Classification, classification),
        arrival=arrival,
        required=bool(column.required or column.primaryKey),
        logical_type=column.logicalType or "",
        wire_path=column.physicalName or str(column.name),
    )


def _check_type(path: Path, place: str, column: SchemaProperty) -> None:
    if column.logicalType is None and column.physicalType is None:
        raise ContractError(path, place, "a column has a type", "Add logicalType")
    if column.logicalType is not None and column.logicalType not in LOGICAL_TYPES:
        rule = f"unknown logicalType {column.logicalType}"
        raise ContractError(path, place, rule, f"Use one of {', '.join(LOGICAL_TYPES)}")


def key_columns(table: SchemaObject) -> tuple[str, ...]:
    """Names of the columns that together name a row, in the order of `primaryKeyPosition`."""
    keys = [column for column in table.properties or [] if column.primaryKey]
    return tuple(str(c.name) for c in sorted(keys, key=lambda column: column.primaryKeyPosition or 0))


def partition_columns(table: SchemaObject) -> tuple[str, ...]:
    """Names of the columns the table is partitioned by, in the order of `partitionKeyPosition`."""
    parts = [column for column in table.properties or [] if column.partitioned]
    return tuple(str(c.name) for c in sorted(parts, key=lambda column: column.partitionKeyPosition or 0))
