"""Without their cause, scores and coupons do not count, no group fills, nobody brushes, and quality does not show."""

from dataclasses import replace

import numpy as np
import pytest

from infra.simulator.world.channels import Channel
from infra.simulator.world.day import Column, Day
from infra.simulator.world.phenomena.accounts import COMMUNITY
from infra.simulator.world.phenomena.brushing import Ring
from infra.simulator.world.phenomena.coupons import Issue
from infra.simulator.world.phenomena.interactions import ACTIONS
from infra.simulator.world.phenomena.payments import Settlement
from infra.simulator.world.phenomena.people import BANDS, SCORES, Profile
from tests.infra.simulator.world.conftest import Lived, digests, lived
from tests.infra.simulator.world.estimators import proportion, rows_of
from tests.infra.simulator.world.switches import SWITCHES
from tests.infra.simulator.world.test_recovered_decisions import TERMS, recovered_coupon, recovered_weights
from tests.infra.simulator.world.test_recovered_opinions import bought_pairs, recovered_likes, recovered_ratings
from tests.infra.simulator.world.test_recovered_orders import recovered_refunds
from tests.infra.simulator.world.test_recovered_shares import recovered_spending


def without(name: str, *planted: object) -> Lived:
    """The world without a cause."""
    return lived(people=15_000, days=6, seed=1, planted=(SWITCHES[name].off, *planted))


def ordinary() -> Lived:
    """The world as it is."""
    return lived(people=15_000, days=6, seed=1)


@pytest.mark.parametrize("score", SCORES)
def test_a_score_that_does_not_count_has_no_weight_and_the_others_keep_theirs(score: str) -> None:
    world = without(score)

    channels, weights = recovered_weights(world)

    many = len(weights) + len(channels)
    for (band, index), found in zip(TERMS, weights, strict=True):
        if SCORES[index] == score:
            assert 0.0 in found, BANDS[band]
        else:
            planted = world.world.planted(Profile).weights[band][index]
            assert planted in found.of_many(many), (BANDS[band], SCORES[index])
    for channel in Channel:
        assert world.world.given()["channel"]["intercept"][channel] in channels[channel].of_many(many), channel


def test_a_coupon_without_a_discount_changes_nothing() -> None:
    found = recovered_coupon(without_discount())

    assert 0.0 in found
    assert 1.0 not in found


def without_discount() -> Lived:
    """Many coupons that are worth nothing."""
    return lived(people=15_000, days=6, seed=1, planted=(replace(Issue(), discount=0.0, share_a_day=0.2),))


def test_the_arms_of_coupons_do_not_depend_on_the_discount() -> None:
    usual = lived(people=15_000, days=6, seed=1, planted=(replace(Issue(), share_a_day=0.2),))

    for one, other in zip(usual.days, without_discount().days, strict=True):
        assert digests(one.truth)["coupon_arm"] == digests(other.truth)["coupon_arm"]
        assert digests(one.tables)["coupon_issued"] == digests(other.tables)["coupon_issued"]


def test_without_joining_no_group_fills_and_none_orders() -> None:
    on, off = ordinary(), without("groups")

    assert (on.told("order")["group"] >= 0).any()
    assert not len(off.told("group_joined")["group"])
    assert not off.told("group_closed")["is_full"].any()
    assert not (off.told("order")["group"] >= 0).any()


def shop_customers(world: Lived) -> Column:
    """Everybody who could have been hired into the ring, but was not."""
    accounts, given = world.world.given()["account"], world.world.given()
    in_shop = accounts["person"][accounts["platform"] == COMMUNITY]
    return np.setdiff1d(
        np.intersect1d(world.true("customer_before")["person"], in_shop), given["ring_member"]["person"]
    )


def test_without_brushing_members_buy_the_rings_products_no_more_than_others() -> None:
    on, off = ordinary(), without("ring")
    members, products = on.world.given()["ring_member"]["person"], on.world.given()["ring_product"]["product"]

    by_others = float(bought_pairs(off, shop_customers(off), products).mean())

    assert not len(off.true("brushed_order")["order"])
    assert not len(off.true("brushed_review")["order"])
    assert by_others in proportion(bought_pairs(off, members, products).ravel())
    assert by_others not in proportion(bought_pairs(on, members, products).ravel())


def reputation_seen(world: Lived, *, of_ring: bool) -> Column:
    """The reputation that visitors of the last day saw, of products of the ring or of all others."""
    day, products = world.days[-1], world.world.given()["ring_product"]["product"]
    return day.truth["decision"]["reputation"][np.isin(own_products(day), products) == of_ring]


def own_products(day: Day) -> Column:
    """What was looked at in each decision of a day."""
    visits = day.tables["visit"]
    return visits["product"][rows_of(day.truth["decision"]["visit"], visits["visit"])]


def test_brushing_makes_the_rings_products_look_better_and_no_others() -> None:
    on, off = ordinary(), without("ring")

    # The same people look at the same products in both.
    assert np.all(reputation_seen(on, of_ring=True) >= reputation_seen(off, of_ring=True))
    assert reputation_seen(on, of_ring=True).mean() > reputation_seen(off, of_ring=True).mean() + 0.1
    difference = reputation_seen(on, of_ring=False) - reputation_seen(off, of_ring=False)
    assert abs(difference.mean()) < 0.1


def test_brushing_makes_others_buy_more_of_the_rings_products() -> None:
    # More members than usual, and nothing but reputation that could differ between visits.
    hired, planted = replace(Ring(), members_share=0.03), (replace(Issue(), share_a_day=0.0),)
    on, off = (
        lived(people=15_000, days=6, seed=2, planted=(ring, *planted))
        for ring in (hired, replace(hired, orders_a_day=0.0))
    )
    products = on.world.given()["ring_product"]["product"]

    # The same people look at the same things, each as easily moved to buy.
    assert np.array_equal(on.own_visits()["product"], off.own_visits()["product"])
    of_ring = np.isin(on.own_visits()["product"], products)
    assert on.true("decision")["bought"][of_ring].sum() > off.true("decision")["bought"][of_ring].sum()


def test_without_spending_all_bands_order_as_many_pieces_of_a_line() -> None:
    off = without("spending")

    for band in range(len(BANDS)):
        assert 1.0 in recovered_spending(off, band), BANDS[band]


def test_without_promotions_no_price_is_lowered() -> None:
    off = without("promotions").told("price")

    assert np.array_equal(off["price_fen"], off["list_price_fen"])


def test_without_its_part_in_refunds_quality_does_not_show_in_them() -> None:
    switched = replace(Settlement(), refunded_after_days=0.05, quality_matters=0.0)
    world = lived(people=15_000, days=6, seed=1, planted=(switched,))

    at_zero, slope = recovered_refunds(world, world.world.given()["product"]["quality"])

    assert switched.refund_log_odds in at_zero
    assert 0.0 in slope


def test_without_its_part_in_ratings_quality_does_not_show_in_them() -> None:
    assert 0.0 in recovered_ratings(without("ratings"))[1]


def test_without_its_part_in_likes_emotion_does_not_show_in_them() -> None:
    assert 0.0 in recovered_likes(without("likes"))[1]


def test_without_emotion_in_likes_all_other_steps_are_as_many_as_before() -> None:
    on, off = (world.told("interaction")["action"] for world in (ordinary(), without("likes")))
    like = ACTIONS.index("like")

    counts = [np.bincount(np.delete(actions, actions == like), minlength=len(ACTIONS)) for actions in (on, off)]

    assert np.array_equal(*counts)
