from datetime import date, datetime
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from expectations.contract import CONTRACTS, read_contract
from spark_jobs.functions.good_events import good_events

COLUMNS = (
    "source string, namespace string, event_day date, record_id string, payload_hash string, version long, "
    "object_sha256 string, object_name string, position long, kind string, visitor_id string, account_id string, "
    "product_id string, occurred_at timestamp"
)
SECOND, THIRD = date(2026, 3, 2), date(2026, 3, 3)


def record(record_id: str, day: date = SECOND, position: int = 1, **changes: Any) -> dict[str, Any]:
    """One literal good record: a view of product 2001."""
    return {
        "source": "shop_plugin",
        "namespace": "community",
        "event_day": day,
        "record_id": record_id,
        "payload_hash": "p",
        "version": None,
        "object_sha256": "a",
        "object_name": "a.jsonl",
        "position": position,
        "kind": "view",
        "visitor_id": "v1",
        "account_id": None,
        "product_id": "2001",
        "occurred_at": datetime(day.year, day.month, day.day, 2),
        **changes,
    }


def made(spark: SparkSession, *records: dict[str, Any], day: date = SECOND) -> DataFrame:
    """The interactions of one day."""
    frame = spark.createDataFrame([tuple(one.values()) for one in records], COLUMNS)
    return good_events(frame, spark.createDataFrame([(day,)], "day date"), identity_window_days=1)


def test_a_row_has_the_columns_of_the_contract_in_their_order(spark: SparkSession) -> None:
    contract = read_contract(CONTRACTS / "events" / "interaction.odcs.yaml")

    found = made(spark, record("1"))

    assert found.columns == [column.name for column in contract.columns]
    (row,) = found.collect()
    assert (row["day"], row["event_id"], row["kind"], row["visitor_id"]) == (SECOND, "1", "view", "v1")


def test_a_copy_is_one_event(spark: SparkSession) -> None:
    (row,) = made(spark, record("1", position=7), record("1", position=3)).collect()

    assert row["position"] == 3


def test_a_higher_version_replaces_a_lower_one_also_of_the_day_before(spark: SparkSession) -> None:
    older = record("1", version=1)
    newer = record("1", THIRD, position=2, version=2, payload_hash="q", product_id="2002")

    assert made(spark, older, newer).collect() == []
    assert [row["product_id"] for row in made(spark, older, newer, day=THIRD).collect()] == ["2002"]


def test_only_the_days_asked_for_are_made(spark: SparkSession) -> None:
    rows = made(spark, record("1"), record("2", THIRD, position=2)).collect()

    assert [row["event_id"] for row in rows] == ["1"]
