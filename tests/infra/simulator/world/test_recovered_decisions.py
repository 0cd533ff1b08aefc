"""What counts in a decision is recovered by band of age, and a coupon moves the odds by what its discount weighs."""

from dataclasses import replace

import numpy as np
import pytest

from infra.simulator.world.channels import Channel, Mix
from infra.simulator.world.day import DAY, Column, Columns, chosen
from infra.simulator.world.phenomena.accounts import COMMUNITY
from infra.simulator.world.phenomena.coupons import Issue
from infra.simulator.world.phenomena.people import BANDS, SCORES, Profile
from infra.simulator.world.phenomena.purchases import Decision
from tests.infra.simulator.world.conftest import Lived, lived
from tests.infra.simulator.world.estimators import Interval, Numbers, logit, one_hot, proportion, rows_of

MANY = replace(Issue(), share_a_day=0.2)
NO_COUPONS = replace(Issue(), share_a_day=0.0)
OWN_NEED = (Channel.SEARCH, Channel.ADVERTISING)
TERMS = [(band, score) for band in range(len(BANDS)) for score in range(len(SCORES))]


@pytest.fixture(scope="module")
def world() -> Lived:
    return lived(people=20_000, days=10, seed=1)


@pytest.fixture(scope="module")
def without_coupons() -> Lived:
    return lived(people=20_000, days=6, seed=2, planted=(NO_COUPONS,))


@pytest.fixture(scope="module")
def with_coupons() -> Lived:
    return lived(people=20_000, days=6, seed=3, planted=(MANY,))


def by_band(decisions: Columns) -> Numbers:
    """The four scores in columns of the band's own, zero in those of the others."""
    scores = np.column_stack([decisions[name] for name in SCORES])
    return (one_hot(decisions["band"], len(BANDS))[:, :, None] * scores[:, None, :]).reshape(len(scores), -1)


def recovered_weights(world: Lived) -> tuple[list[Interval], list[Interval]]:
    """What each channel adds, and the weights band by band, in the order of `TERMS`."""
    decisions = world.true("decision")
    terms = np.column_stack([one_hot(decisions["channel"], len(Channel)), by_band(decisions)])
    found = logit(decisions["bought"], terms)
    return found[: len(Channel)], found[len(Channel) :]


@pytest.fixture(scope="module")
def recovered(world: Lived) -> tuple[list[Interval], list[Interval]]:
    return recovered_weights(world)


@pytest.mark.parametrize("term", range(len(TERMS)), ids=[f"{BANDS[b]}-{SCORES[s]}" for b, s in TERMS])
def test_weights_of_decisions(world: Lived, recovered: tuple[list[Interval], list[Interval]], term: int) -> None:
    band, score = TERMS[term]
    planted = world.world.planted(Profile).weights[band][score] * getattr(world.world.planted(Decision), SCORES[score])

    assert planted in recovered[1][term]


@pytest.mark.parametrize("channel", Channel)
def test_what_channels_add(world: Lived, recovered: tuple[list[Interval], list[Interval]], channel: Channel) -> None:
    assert world.world.given()["channel"]["intercept"][channel] in recovered[0][channel]


@pytest.mark.parametrize("channel", Channel)
def test_conversion_of_channels(without_coupons: Lived, channel: Channel) -> None:
    decisions, visits = without_coupons.true("decision"), without_coupons.own_visits()
    here = decisions["channel"] == channel
    # Units that vary are products, of which a few are much looked at: of own need by their prices of the day, of others
    # by who happens to speak of them.
    day = visits["at_us"] // DAY if channel in OWN_NEED else 0
    unit = (visits["product"] + len(without_coupons.world.given()["product"]["product"]) * day)[here]
    alone = logit(decisions["bought"][here], np.ones((int(here.sum()), 1)), unit)[0]

    planted = without_coupons.world.planted(Mix).conversions()[channel]
    assert planted in alone.mapped(lambda x: float(1 / (1 + np.exp(-x))))


def holds_coupon(world: Lived, decisions: Columns, visits: Columns) -> Column:
    """Whether a coupon could be used at each decision, from what was issued and redeemed before its day."""
    at_us, in_shop = visits["at_us"], visits["platform"] == COMMUNITY
    holds = np.zeros(len(at_us), np.bool_)
    issued, redeemed = world.told("coupon_issued"), world.told("coupon_redeemed")
    spent_us = dict(zip(redeemed["coupon"].tolist(), redeemed["at_us"].tolist(), strict=True))
    ends = [day.end_us for day in world.days]
    order = np.argsort(decisions["person"], kind="stable")
    people = decisions["person"][order]
    columns = (issued[name].tolist() for name in ("coupon", "person", "at_us", "until_us"))
    for coupon, person, begin, until in zip(*columns, strict=True):
        own = order[np.searchsorted(people, person) : np.searchsorted(people, person, side="right")]
        # It is taken off on the day it is spent, at all decisions of that day.
        spent = spent_us.get(coupon)
        last = until if spent is None else min(until, next((end for end in ends if spent < end), until))
        holds[own[(at_us[own] >= begin) & (at_us[own] < last)]] = True
    return holds & in_shop


def recovered_coupon(world: Lived) -> Interval:
    """What a coupon adds to the log-odds of those in the two arms, as a share of what weight and discount imply."""
    decisions, visits, arms = world.true("decision"), world.own_visits(), world.true("coupon_arm")
    drawn = np.isin(decisions["person"], arms["person"])
    decisions, visits = chosen(decisions, drawn), chosen(visits, drawn)
    holds = holds_coupon(world, decisions, visits)
    planted, unit = world.world.planted(Issue), world.world.planted(Decision).price_unit
    implied = -np.log(1 - planted.discount) / unit if planted.discount else -np.log(1 - Issue().discount) / unit
    without = decisions["price"] - holds * (-np.log(1 - planted.discount) / unit)
    weight = np.array(world.world.planted(Profile).weights)[decisions["band"], 0]
    terms = [one_hot(decisions["channel"], len(Channel)), by_band({**decisions, "price": without})]
    return logit(decisions["bought"], np.column_stack([*terms, holds * weight * implied]))[-1]


def test_a_coupon_adds_to_the_odds_what_its_discount_weighs(with_coupons: Lived) -> None:
    assert with_coupons.world.planted(Decision).price in recovered_coupon(with_coupons)


def test_arms_are_drawn_alike(with_coupons: Lived) -> None:
    assert 0.5 in proportion(with_coupons.true("coupon_arm")["treated"] == 1)


def test_coupons_are_redeemed_within_their_time(with_coupons: Lived) -> None:
    issued, redeemed = with_coupons.told("coupon_issued"), with_coupons.told("coupon_redeemed")
    known = np.isin(redeemed["coupon"], issued["coupon"])
    row = np.searchsorted(issued["coupon"], redeemed["coupon"][known])
    orders, visits = with_coupons.told("order"), with_coupons.told("visit")
    visit = orders["visit"][rows_of(redeemed["order"][known], orders["order"])]
    begun_us = visits["at_us"][rows_of(visit, visits["visit"])]

    # Who came in time may end the visit a little later.
    assert known.sum() > 100
    assert np.all(issued["at_us"][row] <= begun_us)
    assert np.all(begun_us < issued["until_us"][row])
    assert len(np.unique(redeemed["coupon"])) == len(redeemed["coupon"])


def test_coupons_are_valid_for_as_long_as_planted(with_coupons: Lived) -> None:
    issued = with_coupons.told("coupon_issued")

    assert np.all(issued["until_us"] - issued["at_us"] == MANY.valid_days * DAY)


def test_coupons_are_redeemed_in_the_shop_that_issued_them(with_coupons: Lived) -> None:
    orders, redeemed = with_coupons.told("order"), with_coupons.told("coupon_redeemed")

    assert len(redeemed["order"])
    assert np.all(orders["platform"][rows_of(redeemed["order"], orders["order"])] == COMMUNITY)
