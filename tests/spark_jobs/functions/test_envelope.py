from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from spark_jobs.functions.envelope import Mapped, Payloads, Rule, to_envelope

VISITS, SALES = "events.visit", "events.sale"
PAYLOADS = {VISITS: ("id", "page"), SALES: ("id", "amount")}
READ = (
    "object_sha256 string, object_name string, received_at timestamp, position long, original binary, problem string, "
    "extra map<string,string>, event_day date, id string, page string, amount decimal(18,4), kind string"
)


def records(spark: SparkSession, *rows: dict[str, Any]) -> DataFrame:
    """Records of one object as a reader and a mapping leave them, in the order of their positions."""
    common = {
        "object_sha256": "f" * 64,
        "object_name": "a.jsonl",
        "received_at": datetime(2026, 3, 2, 7, 30),
        "original": bytearray(b"as it came"),
        "event_day": date(2026, 3, 2),
    }
    names = [part.split(" ")[0] for part in READ.split(", ")]
    made = [common | {"position": place} | row for place, row in enumerate(rows, start=1)]
    return spark.createDataFrame([tuple(row.get(name) for name in names) for row in made], READ)


def enveloped(
    frame: DataFrame,
    target: Column | None = None,
    payloads: Payloads = PAYLOADS,
    rules: Sequence[Rule] = (),
    required: Payloads = MappingProxyType({}),
) -> list[Any]:
    """The records in the envelope, in the order of their positions."""
    made = to_envelope(
        Mapped(frame, identity=("id",), rules=rules, target=target),
        payloads=payloads,
        required=required,
        namespace="shop",
        timezone="UTC",
        first_day=date(2026, 1, 1),
    )
    return sorted(made.collect(), key=lambda row: row["position"])


def meant_for() -> Column:
    """What the kind of a record says of its target."""
    return F.when(F.col("kind") == "visit", VISITS).when(F.col("kind") == "sale", SALES)


def test_a_record_fills_the_struct_of_its_own_target_alone(spark: SparkSession) -> None:
    frame = records(
        spark, {"id": "1", "page": "home", "kind": "visit"}, {"id": "2", "amount": Decimal(3), "kind": "sale"}
    )

    visit, sale = enveloped(frame, meant_for())

    assert (visit["target"], visit["visit"].asDict(), visit["sale"]) == (VISITS, {"id": "1", "page": "home"}, None)
    assert (sale["target"], sale["visit"], sale["sale"]["amount"]) == (SALES, None, 3)


def test_only_the_columns_of_its_own_target_decide_the_payload_of_a_record(spark: SparkSession) -> None:
    frame = records(
        spark,
        {"id": "1", "page": "home", "amount": Decimal(3), "kind": "visit"},
        {"id": "1", "page": "home", "amount": Decimal(4), "kind": "visit"},
        {"id": "1", "page": "help", "amount": Decimal(4), "kind": "visit"},
    )

    first, same, other = (row["payload_hash"] for row in enveloped(frame, meant_for()))

    assert first == same != other


def test_a_target_beside_others_has_the_hashes_it_has_alone(spark: SparkSession) -> None:
    frame = records(spark, {"id": "1", "page": "home", "kind": "visit"})

    (among,) = enveloped(frame, meant_for())
    (alone,) = enveloped(frame, payloads={VISITS: PAYLOADS[VISITS]})

    assert (among["record_id"], among["payload_hash"]) == (alone["record_id"], alone["payload_hash"])


def test_the_hashes_of_a_record_stay_what_they_were(spark: SparkSession) -> None:
    frame = records(spark, {"id": "1", "page": "home", "kind": "visit"})

    (row,) = enveloped(frame, payloads={VISITS: PAYLOADS[VISITS]})

    assert (row["record_id"], row["payload_hash"]) == (
        "ba5c3a9ae204a3e2ea89bde9033c5a81",
        "6bbfb543dca3c6f4165a78dc5e5aa8ee",
    )


def test_a_broken_record_has_no_target_no_ids_and_no_payload(spark: SparkSession) -> None:
    frame = records(spark, {"page": "home", "kind": "visit"}, {"id": "1", "problem": "invalid_json", "kind": "sale"})

    rows = enveloped(frame, meant_for(), rules=[Rule("missing_id", "id is filled", F.col("id").isNull())])

    assert [(row["reason"], bytes(row["original"])) for row in rows] == [
        ("missing_id", b"as it came"),
        ("invalid_json", b"as it came"),
    ]
    for row in rows:
        assert {row[name] for name in ("target", "event_day", "record_id", "payload_hash", "visit", "sale")} == {None}


@pytest.mark.parametrize("target", ["events.gift", None])
def test_a_record_that_no_target_takes_is_quarantined_and_not_lost(spark: SparkSession, target: str | None) -> None:
    (row,) = enveloped(records(spark, {"id": "1"}), F.lit(target).cast("string"))

    assert (row["reason"], row["rule"]) == ("unknown_target", f"a record is meant for one of {VISITS}, {SALES}")


def test_of_several_targets_one_must_be_said(spark: SparkSession) -> None:
    with pytest.raises(ValueError, match="say which by `target`"):
        enveloped(records(spark, {"id": "1"}))


@pytest.mark.fault(41, how="an event at the edge of the future, received by a clock an hour behind or ahead", part=True)
def test_how_far_in_the_future_an_event_is_depends_on_the_clock_that_received_it(spark: SparkSession) -> None:
    received = datetime(2026, 3, 3, 0, 30, tzinfo=UTC)
    clocks = {"behind.jsonl": timedelta(hours=-1), "right.jsonl": timedelta(0), "ahead.jsonl": timedelta(hours=1)}
    edge = {"id": "1", "page": "home", "event_day": date(2026, 3, 4)}
    rows = [{**edge, "object_name": name, "received_at": received + off} for name, off in clocks.items()]

    found = enveloped(records(spark, *rows), payloads={VISITS: PAYLOADS[VISITS]})

    # Of a day later than tomorrow by that clock. What it quarantined is good in a delivery that is received later.
    assert {row["object_name"]: row["reason"] for row in found} == {
        "behind.jsonl": "too_far_in_future",
        "right.jsonl": None,
        "ahead.jsonl": None,
    }
    assert len({(row["record_id"], row["payload_hash"]) for row in found if row["reason"] is None}) == 1


@pytest.mark.fault(41, how="an event a day beyond that edge, received by a clock an hour ahead", part=True)
def test_a_clock_that_is_ahead_lets_in_what_a_right_one_quarantines(spark: SparkSession) -> None:
    received = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    beyond = {"id": "1", "page": "home", "event_day": date(2026, 3, 4)}
    rows = [{**beyond, "received_at": received + off} for off in (timedelta(0), timedelta(hours=1))]

    right, ahead = enveloped(records(spark, *rows), payloads={VISITS: PAYLOADS[VISITS]})

    assert (right["reason"], ahead["reason"]) == ("too_far_in_future", None)


def test_a_record_without_what_its_own_table_requires_is_quarantined_by_the_column(spark: SparkSession) -> None:
    frame = records(
        spark,
        {"id": "1", "page": "home", "kind": "visit"},
        {"id": "2", "kind": "visit"},
        {"id": "3", "kind": "sale"},
        {"page": "home", "amount": Decimal(3), "kind": "sale"},
    )

    found = enveloped(frame, meant_for(), required={VISITS: ("id", "page"), SALES: ("id", "amount")})

    assert [(row["reason"], row["rule"]) for row in found] == [
        (None, None),
        ("missing_page", f"a record of {VISITS} has page"),
        ("missing_amount", f"a record of {SALES} has amount"),
        ("missing_id", f"a record of {VISITS} or {SALES} has id"),
    ]
    assert {row["sale"] for row in found} == {None}


def test_what_a_mapping_says_of_a_missing_column_goes_before_the_tables_words(spark: SparkSession) -> None:
    own = Rule("missing_page", "PAGE is filled", F.col("page").isNull())

    (row,) = enveloped(
        records(spark, {"id": "1", "kind": "visit"}), meant_for(), rules=[own], required={VISITS: ("page",)}
    )

    assert (row["reason"], row["rule"]) == ("missing_page", "PAGE is filled")
