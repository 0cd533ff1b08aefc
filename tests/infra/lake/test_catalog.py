import pytest
from pyiceberg.schema import Schema
from pyiceberg.types import DateType, LongType, NestedField, StringType

from infra.lake.catalog import Lake, SchemaChangeError
from tests.infra.lake.conftest import SCHEMA


def test_a_gained_column_is_added(lake: Lake, visits: str) -> None:
    wider = Schema(*SCHEMA.fields, NestedField(3, "country", StringType()))

    lake.ensure(visits, wider, ["day"])

    assert lake.table(visits).schema().column_names == ["day", "visits", "country"]


def test_a_column_that_is_no_longer_required_may_be_null(lake: Lake, visits: str) -> None:
    day = NestedField(1, "day", DateType(), required=True)
    lake.ensure("features.strict", Schema(day, SCHEMA.fields[1]), ["day"])

    lake.ensure("features.strict", SCHEMA, ["day"])

    assert [field.required for field in lake.table("features.strict").schema().fields] == [False, False]


def test_a_column_of_the_key_stays_required(lake: Lake) -> None:
    day = NestedField(1, "day", DateType(), required=True)
    lake.ensure("features.keyed", Schema(day, SCHEMA.fields[1], identifier_field_ids=[1]), ["day"])

    with pytest.raises(SchemaChangeError, match="day is of the key and no longer required"):
        lake.ensure("features.keyed", SCHEMA, ["day"])


def test_a_table_that_older_code_left_without_a_snapshot_gets_one(lake: Lake) -> None:
    lake.catalog.create_namespace("features")
    lake.catalog.create_table("features.visit", SCHEMA)

    lake.ensure("features.visit", SCHEMA, ())

    assert "main" in lake.table("features.visit").refs()


def test_of_two_who_make_a_table_at_once_both_have_it(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Lake(lake.settings)
    first = other.ensure("features.visit", SCHEMA, ())

    with monkeypatch.context() as patch:
        patch.setattr(Lake, "find", lambda *_: None)  # as if it had looked before the other was there
        patch.setattr(Lake, "table", lambda self, name: self.catalog.load_table(name))
        made = lake.ensure("features.visit", SCHEMA, ())

    assert made.metadata.table_uuid == first.metadata.table_uuid


def test_a_table_is_never_seen_without_its_first_snapshot(lake: Lake) -> None:
    lake.ensure("features.visit", SCHEMA, ())

    table = lake.table("features.visit")
    assert "main" in table.refs()
    assert [entry.metadata_file for entry in table.metadata.metadata_log] == []


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ([NestedField(1, "day", DateType())], "visits is gone"),
        ([NestedField(1, "day", DateType()), NestedField(2, "visits", StringType())], "visits has another type"),
    ],
)
@pytest.mark.fault(39, how="a contract that has lost a column of the table", part=True)
def test_a_lost_or_retyped_column_is_refused_with_the_remedy(
    lake: Lake, visits: str, fields: list[NestedField], rule: str
) -> None:
    with pytest.raises(SchemaChangeError, match=rule) as error:
        lake.ensure(visits, Schema(*fields), ["day"])
    assert "new dataset" in str(error.value)


def test_a_new_table_can_be_read_at_once(lake: Lake, visits: str) -> None:
    assert lake.table(visits).scan().to_arrow().num_rows == 0


def test_tables_are_listed_by_dataset_name(lake: Lake, visits: str) -> None:
    lake.ensure("marts.growth", Schema(NestedField(1, "n", LongType())), [])

    assert lake.names() == [visits, "marts.growth"]
