"""Shares that are planted are in what happens as often: of posts, visits, steps, baskets, pieces and coupons."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from infra.simulator.world.channels import Channel
from infra.simulator.world.day import Column
from infra.simulator.world.phenomena.accounts import COMMUNITY, LIVESTREAM
from infra.simulator.world.phenomena.advertising import Budget
from infra.simulator.world.phenomena.coupons import Issue
from infra.simulator.world.phenomena.creators import Influence
from infra.simulator.world.phenomena.discovery import Habits
from infra.simulator.world.phenomena.follows import Blocks, Follows
from infra.simulator.world.phenomena.group_buys import Groups
from infra.simulator.world.phenomena.interactions import ACTIONS, Steps
from infra.simulator.world.phenomena.people import BANDS, Profile
from infra.simulator.world.phenomena.posts import Spread
from infra.simulator.world.phenomena.products import CATEGORIES, Range
from infra.simulator.world.phenomena.purchases import Decision
from infra.simulator.world.phenomena.registrations import Growth
from tests.infra.simulator.world.conftest import Lived, lived
from tests.infra.simulator.world.estimators import Interval, normal, poisson_mean, proportion, rows_of, share

NO_GROWTH = (Growth(come_by_themselves_a_day=0.0, invitations=0.0), replace(Budget(), registers=0.0))


@pytest.fixture(scope="module")
def world() -> Lived:
    return lived(people=20_000, days=6, seed=1)


def has_account(world: Lived, platform: int) -> Column:
    """Whether each person has an account on a platform."""
    accounts = world.world.given()["account"]
    return np.isin(np.arange(world.world.setting.people), accounts["person"][accounts["platform"] == platform])


def took(world: Lived, action: str) -> Column:
    """How often each visit of `decision` had an action."""
    steps, visits = world.told("interaction"), world.true("decision")["visit"]
    own = steps["visit"][(steps["action"] == ACTIONS.index(action)) & np.isin(steps["visit"], visits)]
    return np.bincount(rows_of(own, visits), minlength=len(visits))


def posts_with_product(world: Lived) -> Interval:
    return proportion(world.told("post")["product"] >= 0)


def visits_signed_in(world: Lived) -> Interval:
    visits = world.own_visits()
    could = (visits["platform"] == COMMUNITY) & has_account(world, COMMUNITY)[visits["person"]]
    return proportion(visits["signed_in"][could])


def visits_with_further_views(world: Lived) -> Interval:
    return proportion(took(world, "view") > 1)


def put_into_the_cart(world: Lived) -> Interval:
    return proportion(took(world, "add_cart")[~world.true("decision")["bought"]] > 0)


def taken_out_of_the_cart(world: Lived) -> Interval:
    put_in = (took(world, "add_cart") > 0) & ~world.true("decision")["bought"]
    return proportion(took(world, "remove_cart")[put_in] > 0)


def orders_of_several_lines(world: Lived) -> Interval:
    orders, lines = world.told("order"), world.told("order_line")
    own = orders["order"][np.isin(orders["visit"], world.true("decision")["visit"])]
    return proportion(np.isin(own, lines["order"][lines["line"] == 2]))


def customers_with_a_coupon(world: Lived) -> Interval:
    drawn = sum(int(is_customer.sum()) for _, is_customer in world.customers())
    return share(len(world.told("coupon_issued")["coupon"]), drawn)


SHARES: dict[str, tuple[type, str, Callable[[Lived], Interval]]] = {
    "posts with a product": (Spread, "with_product", posts_with_product),
    "visits with an account": (Habits, "signed_in", visits_signed_in),
    "further views": (Steps, "further_views", visits_with_further_views),
    "put into the cart": (Steps, "carts", put_into_the_cart),
    "taken out of the cart": (Steps, "takes_out", taken_out_of_the_cart),
    "several lines": (Decision, "more_lines", orders_of_several_lines),
    "coupons": (Issue, "share_a_day", customers_with_a_coupon),
}


@pytest.mark.parametrize("name", SHARES)
def test_a_share_is_what_is_planted(world: Lived, name: str) -> None:
    kind, field, found = SHARES[name]

    assert getattr(world.world.planted(kind), field) in found(world)


@pytest.mark.parametrize("channel", Channel)
def test_share_of_visits_on_the_livestream(world: Lived, channel: Channel) -> None:
    visits = world.own_visits()
    could = has_account(world, LIVESTREAM)[visits["person"]] & (visits["channel"] == channel)

    planted = world.world.planted(Habits).on_livestream[channel]
    assert planted in proportion(visits["platform"][could] == LIVESTREAM)


def test_share_of_searches_for_the_favourite_category(world: Lived) -> None:
    visits, given = world.own_visits(), world.world.given()
    person, product = (visits[name][visits["channel"] == Channel.SEARCH] for name in ("person", "product"))
    is_favourite = given["product"]["category"][product] == given["person"]["favourite"][person]

    # Who looks for any category also draws the own one.
    planted = world.world.planted(Profile).favourite_share
    assert planted + (1 - planted) / len(CATEGORIES) in proportion(is_favourite)


def test_share_of_people_who_are_customers_at_the_start() -> None:
    world = lived(people=20_000, days=1, seed=2, planted=NO_GROWTH)
    customers, people = len(world.true("customer_before")["person"]), world.world.setting.people

    assert world.world.planted(Growth).customers_at_start in share(customers, people)


def recovered_spending(world: Lived, band: int) -> Interval:
    """Further pieces of a line that people of a band order, relative to the planted mean of all: a geometric number."""
    lines, orders = world.told("order_line"), world.told("order")
    buyer = orders["person"][rows_of(lines["order"], orders["order"])]
    further = lines["quantity"][world.world.given()["person"]["band"][buyer] == band] - 1
    mean, more = float(further.mean()), world.world.planted(Decision).more_pieces
    return normal(mean, float(np.sqrt(mean * (1 + mean) / len(further)))).mapped(lambda x: x * (1 - more) / more)


@pytest.mark.parametrize("band", range(len(BANDS)))
def test_what_people_spend_shows_in_the_pieces_they_order(world: Lived, band: int) -> None:
    assert world.world.planted(Profile).spending[band] in recovered_spending(world, band)


def test_spending_is_in_the_truth_of_each_person(world: Lived) -> None:
    people = world.world.given()["person"]

    planted = np.array(world.world.planted(Profile).spending, np.float32)
    assert np.array_equal(people["spending"], planted[people["band"]])


def test_members_post_as_often_as_planted(world: Lived) -> None:
    given, rate = world.world.given(), world.world.planted(Spread).posts_a_day
    creators = given["creator"]["person"]
    is_creator = np.isin(given["person"]["person"], creators)
    chance = np.minimum(1.0, rate * given["person"]["activity"]) * ~is_creator
    expected = sum(float(chance[is_customer].sum()) for _, is_customer in world.customers())
    written = int((~np.isin(world.told("post")["author"], creators)).sum())

    assert 1.0 in poisson_mean(written, expected)


def test_members_of_a_community_who_see_a_post(world: Lived) -> None:
    # Posts of the first day; hardly any is seen only days later.
    posts, day = world.days[0].tables["post"], world.days[0]
    by_members = ~np.isin(posts["author"], world.world.given()["creator"]["person"])
    community = day.truth["community"]["community"]
    members = np.bincount(community)[community[posts["author"][by_members]]]
    # Of so many drawn with repetition those are counted who are drawn at all, but for the author.
    expected = ((members - 1) * -np.expm1(-world.world.planted(Spread).seen_by_members / members)).sum()
    seen = int(np.isin(world.true("exposure")["post"], posts["post"][by_members]).sum())

    assert 1.0 in poisson_mean(seen, float(expected))


def test_groups_pay_less_by_their_discount(world: Lived) -> None:
    lines, orders = world.days[0].tables["order_line"], world.days[0].tables["order"]
    of_group = orders["group"][rows_of(lines["order"], orders["order"])] >= 0
    price = world.days[0].tables["price"]["price_fen"][lines["product"][of_group]]

    assert of_group.any()
    paid = np.round(price * (1 - world.world.planted(Groups).discount))
    assert np.array_equal(lines["unit_price_fen"][of_group], paid)


def test_numbers_that_are_shares_of_people_are_exact(world: Lived) -> None:
    given, people = world.world.given(), world.world.setting.people
    influence, budget = world.world.planted(Influence), world.world.planted(Budget)
    creators = len(given["creator"]["person"])

    assert creators == int(people * influence.creator_share)
    assert given["creator"]["is_local"].sum() == int(creators * influence.local_share)
    assert len(world.days[0].tables["creator_contract"]["creator"]) == int(creators * budget.contracted_share)
    assert len(given["product"]["product"]) == people / 1000 * world.world.planted(Range).products_per_thousand_people
    assert world.world[Follows].communities == people // world.world.planted(Blocks).people_per_community


def test_contracts_pay_for_each_follower(world: Lived) -> None:
    day, budget = world.days[0].tables, world.world.planted(Budget)
    before, begun, ended = (
        np.bincount(day[name]["followed"], minlength=world.world.setting.people)
        for name in ("following", "follow", "unfollow")
    )
    followers = (before + begun - ended)[day["creator_contract"]["creator"]]

    assert np.array_equal(
        day["creator_contract"]["fee_fen"], np.maximum(10_000, followers * budget.fee_per_follower_fen)
    )
    assert np.all(day["creator_contract"]["days"] == budget.contract_days)
