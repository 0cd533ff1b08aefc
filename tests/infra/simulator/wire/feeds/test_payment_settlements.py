"""What the payment service pays out is what was paid less what was paid back and its fee."""

from collections import defaultdict
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.simulator.wire.feeds.payment_settlements import shared_fees
from tests.infra.simulator.wire.conftest import Told, told


@pytest.fixture
def said() -> Told:
    return told()["payment_settlements"]


def amounts(records: list[dict[str, str]], column: str) -> dict[str, Decimal]:
    """Sums by platform."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for record in records:
        sums[record["PLATFORM"]] += Decimal(record[column])
    return dict(sums)


def test_the_first_day_has_nothing_to_settle(said: Told) -> None:
    assert [bool(records) for records in said.records] == [False, True, True]


def test_a_merchant_gets_one_settlement_of_each_shop_a_day(said: Told) -> None:
    for records in said.records:
        merchants = [(record.content["PLATFORM"], record.content["MERCHANT_NO"]) for record in records]
        assert len(set(merchants)) == len(merchants)


def test_an_amount_is_gross_less_refunds_and_fee(said: Told) -> None:
    for record in said.all:
        names = ("GROSS_YUAN", "REFUNDED_YUAN", "FEE_YUAN", "AMOUNT_YUAN")
        gross, refunded, fee, amount = (Decimal(record.content[name]) for name in names)
        assert amount == gross - refunded - fee


@pytest.mark.parametrize(("kind", "column"), [("PAYMENT", "GROSS_YUAN"), ("REFUND", "REFUNDED_YUAN")])
def test_what_was_paid_until_midnight_is_settled_the_next_day(said: Told, kind: str, column: str) -> None:
    end = said.days[-1].begin_us
    transactions = [record for record in told()["payment_sdk"].all if record.at_us < end]
    contents = [one.content for one in transactions if one.content["STATUS"] == "PAID"]
    of_kind = [content for content in contents if content["RECORD_TYPE"] == kind]

    settled = amounts([record.content for record in said.all], column)

    assert {shop: amount for shop, amount in settled.items() if amount} == amounts(of_kind, "AMOUNT_YUAN")


def test_fees_settled_are_those_of_the_payments(said: Told) -> None:
    # The first day's payments do not say their fee yet.
    begin, end = said.days[0].end_us, said.days[-1].begin_us
    paid = [one for one in told()["payment_sdk"].all if begin <= one.at_us < end]
    charged = [one.content for one in paid if "CHANNEL_FEE_YUAN" in one.content]
    settled = [one.content for one in said.records[-1]]

    assert {(one["RECORD_TYPE"], one["STATUS"]) for one in charged} >= {("PAYMENT", "PAID"), ("PAYMENT", "FAILED")}
    unsaid = len(paid) - len(charged)
    difference = amounts(settled, "FEE_YUAN")["B"] - amounts(charged, "CHANNEL_FEE_YUAN")["B"]
    # Of the few that were ordered before midnight and paid after it the fee was not said.
    assert 0 <= difference < unsaid * 10
    assert unsaid < 0.05 * len(paid)


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 100_000)), min_size=1))
def test_lines_of_an_order_share_its_fee_to_the_fen(lines: list[tuple[int, int]]) -> None:
    orders, fen = (np.array(column, np.int64) for column in zip(*lines, strict=True))

    fees = shared_fees(orders, fen, np.full(len(fen), 38))

    assert (fees >= 0).all()
    for order in np.unique(orders):
        of_order = orders == order
        assert fees[of_order].sum() == fen[of_order].sum() * 38 // 10_000


def test_settlements_are_made_at_two_in_the_morning(said: Told) -> None:
    assert {record.content["SETTLED_AT"][8:] for record in said.all} == {"020000"}
