"""Contract columns as an Iceberg schema, by the contract toolkit's exporter; what it gets wrong is mended here, once.

Mended: `decimal(18,4)` as a physical type comes out as decimal(38,0); a key column comes out optional unless it also
says `required`, and Iceberg allows no optional identifier.
"""

import re
from pathlib import Path
from typing import cast

from open_data_contract_standard.model import CustomProperty, SchemaObject, SchemaProperty
from pyiceberg.schema import Schema

from expectations.contract_error import ContractError
from expectations.document import custom, nested

_DECIMAL = re.compile(r"(?:decimal|numeric)\s*\(\s*(\d+)\s*,\s*(\d+)\s*\)", re.IGNORECASE)
_FLOATING = frozenset({"float", "real", "float32", "double", "float64"})
_FIELD_ID = re.compile(r"\b\d+: ")


def to_iceberg(path: Path, table: SchemaObject) -> Schema:
    """The table's columns with fresh field ids; raises ContractError for a decimal without precision and scale."""
    from datacontract.export.iceberg_exporter import to_iceberg_schema

    # The exporter announces a struct and returns a schema.
    return cast(Schema, to_iceberg_schema(mended(path, table)))


def mended(path: Path, table: SchemaObject) -> SchemaObject:
    """A copy of the table in the spelling that the exporters understand."""
    copy = table.model_copy(deep=True)
    for column in copy.properties or []:
        column.required = bool(column.required or column.primaryKey)
        for part in (column, *nested(column)):
            _mend_decimal(path, part)
    return copy


def _mend_decimal(path: Path, column: SchemaProperty) -> None:
    physical = (column.physicalType or "").strip().lower()
    if match := _DECIMAL.fullmatch(physical):
        others = [entry for entry in column.customProperties or [] if entry.property not in ("precision", "scale")]
        sizes = zip(("precision", "scale"), map(int, match.groups()), strict=True)
        column.physicalType = "decimal"
        column.customProperties = [*others, *(CustomProperty(property=name, value=size) for name, size in sizes)]
    elif column.logicalType == "number" and physical not in _FLOATING and not _has_sizes(column):
        rule = "a number that is no double has a precision and a scale"
        raise ContractError(path, f"column {column.name}", rule, "Write physicalType: decimal(18,4)")


def _has_sizes(column: SchemaProperty) -> bool:
    return {"precision", "scale"} <= custom(column.customProperties).keys()


def type_names(schema: Schema) -> dict[str, str]:
    """The type of each column in words, without field ids: `decimal(18, 4)`, `struct<name: optional string>`."""
    return {column.name: _FIELD_ID.sub("", str(column.field_type)) for column in schema.fields}
