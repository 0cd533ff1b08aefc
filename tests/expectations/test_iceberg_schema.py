"""Contract columns as Iceberg columns."""

from pathlib import Path

import pytest
from pyiceberg.types import DateType, DecimalType, ListType, LongType, StringType, TimestamptzType

from expectations.contract import ContractError
from tests.expectations.contract_files import ACCOUNT, DAY, amount, column, contract, document, feature, key


def test_decimals_keep_precision_and_scale(tmp_path: Path) -> None:
    assert contract(tmp_path, feature()).iceberg_schema().find_type("amount") == DecimalType(18, 4)


def test_decimals_keep_precision_and_scale_inside_a_struct(tmp_path: Path) -> None:
    columns = [key(DAY, 1), column("price", "object", properties=[amount()])]

    schema = contract(tmp_path, feature(columns=columns)).iceberg_schema()

    assert schema.find_type("price.amount") == DecimalType(18, 4)


def test_a_number_without_precision_is_refused_rather_than_cut_to_whole_numbers(tmp_path: Path) -> None:
    columns = [key(DAY, 1), column("amount", "number")]

    with pytest.raises(ContractError, match=r"column amount: .*physicalType: decimal\(18,4\)"):
        contract(tmp_path, feature(columns=columns)).iceberg_schema()


def test_the_key_is_the_identifier_and_required(tmp_path: Path) -> None:
    columns = [key(DAY, 1), {**ACCOUNT, "primaryKey": True, "primaryKeyPosition": 2}, amount()]

    schema = contract(tmp_path, feature(columns=columns)).iceberg_schema()

    assert schema.identifier_field_names() == {"day", "account_id"}
    assert [field.name for field in schema.fields if field.required] == ["day", "account_id"]


def test_times_are_instants_and_integers_are_long(tmp_path: Path) -> None:
    columns = [
        column("day", "date"),
        column("at", "timestamp", physicalType="timestamptz"),
        column("count", "integer"),
        column("names", "array", items=column("name")),
    ]

    schema = contract(tmp_path, document("ops.thing", columns)).iceberg_schema()

    assert schema.find_type("day") == DateType()
    assert schema.find_type("at") == TimestamptzType()
    assert schema.find_type("count") == LongType()
    names = schema.find_type("names")
    assert isinstance(names, ListType)
    assert names.element_type == StringType()
