"""The shape of raw tables: the envelope, then a struct with the payload of each dataset the source fills."""

from pathlib import Path

import pytest
from pyiceberg.schema import Schema
from pyiceberg.types import DecimalType, StructType

from expectations.contract import ContractError
from expectations.record_schema import payload_columns, record_schema
from tests.expectations.contract_files import column, contract, document, events, feed


def _schema(folder: Path) -> Schema:
    envelope = contract(folder, document("raw._envelope", [column("target"), column("position", "integer")]))
    return record_schema(contract(folder, feed()), {"events.sale": contract(folder, events())}, envelope)


def test_the_payload_is_what_the_events_have_beside_the_standard_columns(tmp_path: Path) -> None:
    assert payload_columns(contract(tmp_path, events())) == ("amount", "account_id")


def test_the_struct_of_a_target_follows_the_envelope(tmp_path: Path) -> None:
    assert [field.name for field in _schema(tmp_path).fields] == ["target", "position", "sale"]


def test_the_struct_holds_the_payload_with_its_types(tmp_path: Path) -> None:
    struct = _schema(tmp_path).find_type("sale")

    assert isinstance(struct, StructType)
    assert [field.name for field in struct.fields] == ["amount", "account_id"]
    assert struct.fields[0].field_type == DecimalType(18, 4)


def test_nothing_in_the_struct_is_required_since_quarantined_records_have_none(tmp_path: Path) -> None:
    schema = _schema(tmp_path)

    assert not schema.find_field("sale").required
    assert not schema.find_field("sale.amount").required


def test_field_ids_are_unique(tmp_path: Path) -> None:
    schema = _schema(tmp_path)
    names = ["target", "position", "sale", "sale.amount", "sale.account_id"]

    assert len({schema.find_field(name).field_id for name in names}) == len(names)


def test_the_key_of_the_envelope_stays_the_key(tmp_path: Path) -> None:
    columns = [column("target"), {**column("position", "integer"), "primaryKey": True, "required": True}]
    envelope = contract(tmp_path, document("raw._envelope", columns))

    schema = record_schema(contract(tmp_path, feed()), {"events.sale": contract(tmp_path, events())}, envelope)

    assert schema.identifier_field_names() == {"position"}


def test_only_feeds_have_records(tmp_path: Path) -> None:
    sale = contract(tmp_path, events())

    with pytest.raises(ContractError, match=r"events\.sale is not delivered"):
        record_schema(sale, {}, sale)
