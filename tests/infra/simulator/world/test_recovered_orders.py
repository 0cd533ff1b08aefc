"""Groups fill, orders are paid and sent back as often as planted, and bad products come back more often."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom, norm

from infra.simulator.world.day import Column, Columns, chosen
from infra.simulator.world.phenomena.accounts import COMMUNITY
from infra.simulator.world.phenomena.group_buys import Groups
from infra.simulator.world.phenomena.payments import METHODS, Settlement
from infra.simulator.world.phenomena.products import Range
from tests.infra.simulator.world.conftest import Lived, lived
from tests.infra.simulator.world.estimators import (
    Interval,
    counted,
    likelihood_ratio,
    logit,
    normal,
    poisson_mean,
    proportion,
    rows_of,
)

LINES_AT_MOST = 100
# So soon that what comes back of an order is known the day after.
SOON = replace(Settlement(), refunded_after_days=0.05)


@pytest.fixture(scope="module")
def world() -> Lived:
    return lived(people=20_000, days=10, seed=1, planted=(SOON,))


@pytest.fixture(scope="module")
def groups(world: Lived) -> Columns:
    """Groups that were opened so early that all are closed: who was asked, who joined, and whether it was filled."""
    opened = [day.tables["group_opened"] for day in world.days[:-2]]
    group = np.concatenate([rows["group"] for rows in opened])
    asked, closed = world.true("group_asked"), world.told("group_closed")
    order = np.argsort(closed["group"])
    return {
        "size": np.concatenate([rows["size"] for rows in opened]),
        "asked": asked["asked"][rows_of(group, asked["group"])],
        "joined": counted(world.told("group_joined")["group"], group),
        "is_full": closed["is_full"][order][rows_of(group, closed["group"][order])],
    }


def joins_in_time(planted: Groups) -> float:
    """The probability that somebody who is asked joins before the group's time is over."""
    return float(planted.joins * norm.cdf(np.log(planted.open_hours / planted.joins_after_hours) / planted.sigma))


def recovered_joining(groups: Columns) -> Interval:
    """The probability to join in time, of numbers that are cut off where a group is full."""
    asked, joined, full = groups["asked"], groups["joined"], groups["is_full"]

    def log_likelihood(chance: float) -> float:
        open_ = binom.logpmf(joined[~full], asked[~full], chance).sum()
        return float(open_ + binom.logsf(groups["size"][full] - 2, asked[full], chance).sum())

    return likelihood_ratio(log_likelihood, 0.01, 0.99)


def test_probability_to_join_a_group(world: Lived, groups: Columns) -> None:
    assert joins_in_time(world.world.planted(Groups)) in recovered_joining(groups)


def test_share_of_groups_that_are_filled(world: Lived, groups: Columns) -> None:
    chance = binom.sf(groups["size"] - 2, groups["asked"], joins_in_time(world.world.planted(Groups)))

    assert chance.mean() in normal(groups["is_full"].mean(), np.sqrt((chance * (1 - chance)).sum()) / len(chance))


@pytest.mark.parametrize("size", range(2, 6))
def test_sizes_of_groups(world: Lived, groups: Columns, size: int) -> None:
    assert world.world.planted(Groups).sizes[size - 2] in proportion(groups["size"] == size)


def test_a_full_group_orders_for_each_of_its_members(world: Lived) -> None:
    closed, orders = world.told("group_closed"), world.told("order")
    opened = world.told("group_opened")
    full = np.sort(closed["group"][closed["is_full"]])
    known = np.isin(opened["group"], full)

    of_group = orders["group"][orders["group"] >= 0]

    assert np.array_equal(counted(of_group, opened["group"][known]), opened["size"][known])
    assert np.isin(of_group, full).all()


def test_share_of_payments_that_fail(world: Lived) -> None:
    assert world.world.planted(Settlement).fails in proportion(~world.told("payment")["paid"])


@pytest.mark.parametrize("method", range(len(METHODS)))
def test_methods_of_payment(world: Lived, method: int) -> None:
    assert world.world.planted(Settlement).methods[method] in proportion(world.told("payment")["method"] == method)


def recovered_refunds(world: Lived, quality: Column) -> list[Interval]:
    """The log-odds that a paid line is sent back, and how they move with its product's quality."""
    early = {
        name: np.concatenate([day.tables["payment"][name] for day in world.days[:-2]]) for name in ("order", "paid")
    }
    honest = early["paid"] & ~np.isin(early["order"], world.true("brushed_order")["order"])
    lines, refunds = world.told("order_line"), world.told("refund")
    lines = chosen(lines, np.isin(lines["order"], early["order"][honest]))
    back = np.isin(line_numbers(lines), line_numbers(refunds))
    return logit(back, np.column_stack([np.ones(len(back)), quality[lines["product"]]]))


def line_numbers(rows: Columns) -> Column:
    """Order and line as one number."""
    return rows["order"] * LINES_AT_MOST + rows["line"]


def test_a_refund_is_of_one_line_of_its_order(world: Lived) -> None:
    lines, refunds = world.told("order_line"), world.told("refund")
    known = chosen(refunds, np.isin(refunds["order"], lines["order"]))
    row = rows_of(line_numbers(known), line_numbers(lines))

    assert len(np.unique(line_numbers(lines))) == len(lines["line"])
    assert len(np.unique(line_numbers(refunds))) == len(refunds["line"])
    for name in ("order", "line", "product", "quantity", "unit_price_fen"):
        assert np.array_equal(known[name], lines[name][row]), name
    assert np.array_equal(refunds["amount_fen"], refunds["quantity"] * refunds["unit_price_fen"])


def test_refunds_by_quality(world: Lived) -> None:
    at_zero, slope = recovered_refunds(world, world.world.given()["product"]["quality"])

    planted = world.world.planted(Settlement)
    assert planted.refund_log_odds in at_zero
    assert -planted.quality_matters in slope


def test_groups_that_are_opened(world: Lived) -> None:
    accounts, activity = world.world.given()["account"], world.world.given()["person"]["activity"]
    in_shop = np.isin(np.arange(len(activity)), accounts["person"][accounts["platform"] == COMMUNITY])
    planted, expected = world.world.planted(Groups), 0.0
    for _, customers in world.customers():
        expected += float(np.minimum(1.0, planted.opened_a_day * activity[customers & in_shop]).sum())

    opened = len(world.told("group_opened")["group"])
    assert 1.0 in poisson_mean(opened, expected)


def test_share_of_prices_that_are_lowered_on_a_day(world: Lived) -> None:
    prices = world.told("price")
    # Prices are in tens of fen, so that of what costs little a small discount may not show.
    shows = prices["list_price_fen"] >= 1_000

    assert world.world.planted(Range).promotion_share in proportion(
        prices["price_fen"][shows] < prices["list_price_fen"][shows]
    )
