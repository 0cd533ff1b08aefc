from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import SparkSession

from expectations.contract import CONTRACTS, read_contract
from tests.support.mapped import mapped

CONTRACT = read_contract(CONTRACTS / "raw" / "payment_settlements.odcs.yaml")
ROW = {
    "SETTLEMENT_NO": "S1",
    "PLATFORM": "C",
    "MERCHANT_NO": "M000007",
    "GROSS_YUAN": "100.00",
    "REFUNDED_YUAN": "19.99",
    "FEE_YUAN": "0.38",
    "AMOUNT_YUAN": "79.63",
    "SETTLED_AT": "20260303020000",
}
BELOW_ZERO = {"GROSS_YUAN": "0.00", "FEE_YUAN": "0.00", "AMOUNT_YUAN": "-19.99", "PLATFORM": "B"}
BROKEN = [
    ({"SETTLEMENT_NO": ""}, "missing_id"),
    ({"PLATFORM": "A"}, "unknown_platform"),
    ({"MERCHANT_NO": ""}, "missing_merchant"),
    ({"AMOUNT_YUAN": "79.6"}, "invalid_amount"),
    ({"AMOUNT_YUAN": "+79.63"}, "invalid_amount"),
    ({"AMOUNT_YUAN": ""}, "invalid_amount"),
    ({"GROSS_YUAN": "-100.00"}, "invalid_gross"),
    ({"REFUNDED_YUAN": "-19.99"}, "invalid_refunded"),
    ({"FEE_YUAN": "0.385"}, "invalid_fee"),
    ({"FEE_YUAN": ""}, "missing_fee"),
    ({"AMOUNT_YUAN": "79.64"}, "wrong_sum"),
    ({"REFUNDED_YUAN": "0.00"}, "wrong_sum"),
    ({"SETTLED_AT": "20260230020000"}, "invalid_time"),
    ({"SETTLED_AT": "2026-03-03 02:00:00"}, "invalid_time"),
    ({"SETTLED_AT": "20251231020000"}, "before_first_day"),
    ({"SETTLED_AT": "20260305020000"}, "too_far_in_future"),
]


@pytest.fixture(scope="module")
def rows(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """What the mapping makes of all broken rows, then of a sound one, one below zero, and the first over more."""
    more = {"GROSS_YUAN": "100.01", "AMOUNT_YUAN": "79.64"}
    written = [{**ROW, **changes} for changes in [*(changes for changes, _ in BROKEN), {}, BELOW_ZERO, more]]
    file = tmp_path_factory.mktemp("settlements") / "settlements.csv"
    file.write_text("\n".join([",".join(ROW), *(",".join(one.values()) for one in written)]) + "\n")
    return mapped(spark, CONTRACT, file)


def test_a_settlement_has_its_money_as_decimals_and_its_day_in_the_market(rows: list[Any]) -> None:
    row = rows[-3]

    assert (row["target"], row["event_day"], row["reason"]) == ("events.settlement", date(2026, 3, 3), None)
    assert row["settlement"].asDict() == {
        "settlement_id": "S1",
        "shop": "community",
        "merchant_id": "M000007",
        "gross": Decimal("100.0000"),
        "refunded": Decimal("19.9900"),
        "fee": Decimal("0.3800"),
        "amount": Decimal("79.6300"),
        "currency": "CNY",
        "settled_at": datetime(2026, 3, 2, 18, 0),
    }


def test_an_amount_is_below_zero_where_more_was_paid_back_than_paid(rows: list[Any]) -> None:
    settlement = rows[-2]["settlement"]

    assert (settlement["shop"], settlement["amount"]) == ("livestream", Decimal("-19.9900"))


def test_the_number_of_a_settlement_identifies_it_whatever_it_is_over(rows: list[Any]) -> None:
    first, other = rows[-3], rows[-1]

    assert first["record_id"] == other["record_id"]
    assert first["payload_hash"] != other["payload_hash"]


@pytest.mark.parametrize(("place", "reason"), [(place, reason) for place, (_, reason) in enumerate(BROKEN)])
def test_a_row_that_breaks_a_rule_is_kept_with_its_reason(rows: list[Any], place: int, reason: str) -> None:
    bad = rows[place]

    assert (bad["reason"], bad["target"], bad["event_day"], bad["record_id"]) == (reason, None, None, None)
    assert bad["rule"]
    assert bytes(bad["original"]).decode() == ",".join({**ROW, **BROKEN[place][0]}.values())
