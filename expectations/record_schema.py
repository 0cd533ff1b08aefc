"""The shape of a raw source's table: the record envelope, then one struct for each dataset the source fills."""

from collections.abc import Mapping

from pyiceberg.schema import Schema, assign_fresh_schema_ids
from pyiceberg.types import NestedField, StructType

from expectations.contract import Contract
from expectations.contract_error import ContractError

STANDARD_EVENT_COLUMNS = ("day", "source", "namespace", "event_id", "object_sha256", "object_name", "position")
"""Columns of every events table that the envelope or the source itself provides."""


def record_schema(source: Contract, targets: Mapping[str, Contract], envelope: Contract) -> Schema:
    """The envelope's columns and a struct named after each target of `source`, in the order the source declares.

    Fields of a struct are optional: the struct of a quarantined record, or of one for another target, is empty, and
    what an event must have is promised by its own table. Raises ContractError where `source` is no feed.
    """
    if source.source is None:
        raise ContractError(source.path, "source", f"{source.name} is not delivered", "Ask for a raw source")
    head = envelope.iceberg_schema()
    structs = [_struct(targets[name]) for name in source.source.targets]
    schema = assign_fresh_schema_ids(Schema(*head.fields, *structs))
    key = [schema.find_field(name).field_id for name in sorted(head.identifier_field_names())]
    return Schema(*schema.fields, identifier_field_ids=key)


def payload_columns(target: Contract) -> tuple[str, ...]:
    """Names of the columns of an events dataset that a source's mapping fills."""
    return tuple(column.name for column in target.columns if column.name not in STANDARD_EVENT_COLUMNS)


def required_columns(target: Contract) -> tuple[str, ...]:
    """Names of those that no event may lack."""
    required = {column.name for column in target.columns if column.required}
    return tuple(name for name in payload_columns(target) if name in required)


def _struct(target: Contract) -> NestedField:
    schema = target.iceberg_schema()
    fields = [schema.find_field(name).model_copy(update={"required": False}) for name in payload_columns(target)]
    return NestedField(field_id=0, name=target.short_name, field_type=StructType(*fields), required=False)
