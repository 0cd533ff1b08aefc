"""The payment service writes CSV: upper snake case, compact times without a zone, yuan with two decimals."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.infra.simulator.wire.conftest import Told, told

STATUS = ("PAID", "FAILED")


@pytest.fixture
def said() -> Told:
    return told()["payment_sdk"]


def test_the_header_is_upper_snake_case_and_gains_a_column_on_the_day_the_schema_evolves(said: Told) -> None:
    before, after, later = (said.feed.head(day.date).decode().split(",") for day in said.days)

    assert all(re.fullmatch("[A-Z0-9]+(_[A-Z0-9]+)*", name) for name in after)
    assert after == later == [*before, "CHANNEL_FEE_YUAN"]


def test_a_row_has_a_field_for_each_column_of_its_day(said: Told) -> None:
    for day, records in zip(said.days, said.records, strict=True):
        names = said.feed.head(day.date).decode().split(",")
        assert all(list(record.content) == names for record in records)


def test_times_are_compact_and_on_the_clock_of_the_market(said: Told) -> None:
    for record in said.all:
        on_clock = datetime.fromtimestamp(record.at_us // 1_000_000, UTC) + timedelta(hours=8)
        assert record.content["PAID_AT"] == f"{on_clock:%Y%m%d%H%M%S}"


def test_amounts_are_positive_yuan_with_two_decimals(said: Told) -> None:
    assert all(re.fullmatch(r"[0-9]+\.[0-9]{2}", record.content["AMOUNT_YUAN"]) for record in said.all)


def test_a_row_is_a_payment_or_a_refund(said: Told) -> None:
    meant_for = {(record.content["RECORD_TYPE"], record.target) for record in said.all}

    assert meant_for == {("PAYMENT", "events.payment"), ("REFUND", "events.refund")}
    assert {content["STATUS"] for content in said.where("RECORD_TYPE", "PAYMENT")} == {"PAID", "FAILED"}


def test_refunds_name_the_payment_they_come_of() -> None:
    # Most things are sent back some days after they were paid.
    said = told(people=2_000, days=8)["payment_sdk"]
    paid = {content["TRANSACTION_NO"]: content for content in said.where("RECORD_TYPE", "PAYMENT")}

    known = [row for row in said.where("RECORD_TYPE", "REFUND") if row["REFUND_OF"] in paid]

    assert known
    assert all(row["MERCHANT_ORDER_NO"] == paid[row["REFUND_OF"]]["MERCHANT_ORDER_NO"] for row in known)
    assert not any(content["REFUND_OF"] for content in paid.values())


def test_orders_have_the_number_that_their_shop_gave_them(said: Told) -> None:
    lines = told()["social_b"].where("eventType", "orderLine")
    of_b = {content["order"]["orderId"] for content in lines}
    events = told()["shop_plugin"].where("type", "shop.order.line_placed")
    of_c = {content["data"]["order_id"] for content in events}

    paid = said.where("RECORD_TYPE", "PAYMENT")

    assert {row["MERCHANT_ORDER_NO"] for row in paid if row["PLATFORM"] == "B"} == of_b
    assert {row["MERCHANT_ORDER_NO"] for row in paid if row["PLATFORM"] == "C"} == of_c


def test_only_what_was_paid_costs_a_fee(said: Told) -> None:
    payments = [one for one in said.where("RECORD_TYPE", "PAYMENT") if "CHANNEL_FEE_YUAN" in one]

    fees = {status: [one["CHANNEL_FEE_YUAN"] for one in payments if one["STATUS"] == status] for status in STATUS}

    assert set(fees["FAILED"]) == {"0.00"}
    assert all(Decimal(fee) > 0 for fee in fees["PAID"])
    assert {one["CHANNEL_FEE_YUAN"] for one in said.where("RECORD_TYPE", "REFUND") if "CHANNEL_FEE_YUAN" in one} <= {
        "0.00"
    }


def test_a_payer_has_one_number_on_both_platforms(said: Told) -> None:
    payers = {platform: {row["PAYER_NO"] for row in said.where("PLATFORM", platform)} for platform in "BC"}

    assert payers["B"] & payers["C"]
