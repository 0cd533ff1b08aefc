from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from expectations.contract import CONTRACTS, read_contract
from tests.support.mapped import mapped

CONTRACT = read_contract(CONTRACTS / "raw" / "payment_sdk.odcs.yaml")
PHONE = "0a" * 32
ROW = {
    "RECORD_TYPE": "PAYMENT",
    "TRANSACTION_NO": "T1",
    "MERCHANT_ORDER_NO": "ord_1",
    "PLATFORM": "B",
    "PAYER_NO": "P1",
    "PAYER_PHONE_SHA256": PHONE,
    "METHOD": "WALLET",
    "STATUS": "PAID",
    "AMOUNT_YUAN": "59.97",
    "REFUND_OF": "",
    "PAID_AT": "20260302235959",
}
REFUND = {"RECORD_TYPE": "REFUND", "TRANSACTION_NO": "R1", "METHOD": "", "REFUND_OF": "T1"}
BROKEN = [
    ({"RECORD_TYPE": "CHARGEBACK"}, "unknown_type"),
    ({"TRANSACTION_NO": ""}, "missing_id"),
    ({"MERCHANT_ORDER_NO": ""}, "missing_order"),
    ({"PLATFORM": "D"}, "unknown_platform"),
    ({"PAYER_PHONE_SHA256": "13800000000"}, "invalid_hint"),
    ({"METHOD": "CASH"}, "unknown_method"),
    ({"METHOD": "wallet"}, "unknown_method"),
    ({"STATUS": "paid"}, "unknown_status"),
    ({"AMOUNT_YUAN": "59.9"}, "invalid_amount"),
    ({"AMOUNT_YUAN": "-1.00"}, "invalid_amount"),
    ({"AMOUNT_YUAN": "1O.00"}, "invalid_amount"),
    ({**REFUND, "REFUND_OF": ""}, "missing_payment"),
    ({"PAID_AT": "20260230100000"}, "invalid_time"),
    ({"PAID_AT": "2026-03-02 10:00:00"}, "invalid_time"),
    ({"PAID_AT": "20251231235959"}, "before_first_day"),
    ({"PAID_AT": "20260305000000"}, "too_far_in_future"),
]


def rows(spark: SparkSession, folder: Path, *changes: dict[str, str], more: dict[str, str] | None = None) -> list[Any]:
    """What the mapping makes of rows of which some fields are changed; `more` are columns that nobody declared."""
    written = [{**ROW, **one, **(more or {})} for one in changes]
    file = folder / "payments.csv"
    file.write_text("\n".join([",".join(written[0]), *(",".join(one.values()) for one in written)]) + "\n")
    return mapped(spark, CONTRACT, file)


def test_a_payment_has_its_money_as_a_decimal_and_its_day_in_the_market(spark: SparkSession, tmp_path: Path) -> None:
    (row,) = rows(spark, tmp_path, {})

    assert (row["target"], row["event_day"], row["reason"], row["refund"]) == (
        "events.payment",
        date(2026, 3, 2),
        None,
        None,
    )
    assert row["payment"].asDict() == {
        "payment_id": "T1",
        "shop": "livestream",
        "order_id": "ord_1",
        "payer_id": "P1",
        "payer_phone_sha256": PHONE,
        "method": "wallet",
        "is_paid": True,
        "amount": Decimal("59.9700"),
        "currency": "CNY",
        "paid_at": datetime(2026, 3, 2, 15, 59, 59),
    }


def test_a_refund_names_the_payment_that_it_pays_back(spark: SparkSession, tmp_path: Path) -> None:
    (row,) = rows(spark, tmp_path, {**REFUND, "PLATFORM": "C"})

    refund = row["refund"].asDict()
    assert (row["target"], row["payment"]) == ("events.refund", None)
    assert (refund["refund_id"], refund["payment_id"], refund["shop"]) == ("R1", "T1", "community")
    assert (refund["amount"], refund["is_paid"]) == (Decimal("59.9700"), True)


def test_a_failed_payment_is_kept_as_such_and_a_payer_need_not_be_known(spark: SparkSession, tmp_path: Path) -> None:
    (row,) = rows(spark, tmp_path, {"STATUS": "FAILED", "PAYER_NO": "", "PAYER_PHONE_SHA256": ""})

    assert (row["reason"], row["payment"]["is_paid"]) == (None, False)
    assert (row["payment"]["payer_id"], row["payment"]["payer_phone_sha256"]) == (None, None)


def test_a_column_that_is_there_one_day_is_kept_beside_the_row(spark: SparkSession, tmp_path: Path) -> None:
    (before,) = rows(spark, tmp_path, {})
    (after,) = rows(spark, tmp_path, {}, more={"CHANNEL_FEE_YUAN": "0.22"})

    assert after["extra"] == {"CHANNEL_FEE_YUAN": "0.22"}
    assert (after["record_id"], after["payload_hash"]) == (before["record_id"], before["payload_hash"])


def test_the_number_of_a_transaction_identifies_it_whatever_else_it_says(spark: SparkSession, tmp_path: Path) -> None:
    first, other, elsewhere = rows(spark, tmp_path, {}, {"AMOUNT_YUAN": "159.97"}, {"TRANSACTION_NO": "T2"})

    assert first["record_id"] == other["record_id"] != elsewhere["record_id"]
    assert first["payload_hash"] != other["payload_hash"]


@pytest.fixture(scope="module")
def judged(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    return rows(spark, tmp_path_factory.mktemp("broken"), *[changes for changes, _ in BROKEN], {})


@pytest.mark.parametrize(("place", "reason"), [(place, reason) for place, (_, reason) in enumerate(BROKEN)])
def test_a_row_that_breaks_a_rule_is_kept_with_its_reason(judged: list[Any], place: int, reason: str) -> None:
    bad = judged[place]

    assert (bad["reason"], bad["target"], bad["event_day"], bad["record_id"]) == (reason, None, None, None)
    assert bad["rule"]
    assert bytes(bad["original"]).decode() == ",".join({**ROW, **BROKEN[place][0]}.values())


def test_what_stands_beside_broken_rows_is_good(judged: list[Any]) -> None:
    assert judged[-1]["reason"] is None
