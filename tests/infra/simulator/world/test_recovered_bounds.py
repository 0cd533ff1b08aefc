"""What things start from, are counted in or bounded by is recovered, most of it exactly."""

from dataclasses import replace

import numpy as np
import pytest

from infra.simulator.world.day import Column, Columns
from infra.simulator.world.phenomena.accounts import LIVESTREAM, HintRates
from infra.simulator.world.phenomena.brushing import Ring
from infra.simulator.world.phenomena.creators import Influence
from infra.simulator.world.phenomena.follows import Blocks
from infra.simulator.world.phenomena.posts import Spread
from infra.simulator.world.phenomena.products import Range
from infra.simulator.world.phenomena.purchases import Decision
from infra.simulator.world.phenomena.reputation import Prior
from infra.simulator.world.phenomena.reviews import Ratings
from tests.infra.simulator.world.conftest import Lived, lived
from tests.infra.simulator.world.estimators import TAIL, Interval, Numbers, rows_of

# So unequal that many products have no rating at first, all of which get some soon.
UNEQUAL = (replace(Range(), popularity_exponent=1.5), replace(Ratings(), share=1.0, after_days=0.05))
# Posts reach few of a graph without hubs, all of whom pass them on at once: neither dies out nor reaches all soon.
AT_ONCE = {"seen_after_hours": 0.001, "passed_on_after_hours": 0.001}
ENDLESS = (
    replace(Spread(), reach=0.05, pass_on=1.0, second_hand=1.0, catching_sigma=0.0, **AT_ONCE),
    replace(Influence(), effect=0.0),
    replace(Blocks(), out_sigma=0.0, in_with_out=0.0, in_exponent=20.0),
)


@pytest.fixture(scope="module")
def world() -> Lived:
    return lived(people=20_000, days=6, seed=1, planted=UNEQUAL)


@pytest.fixture(scope="module")
def tiny() -> Lived:
    """A world of so few people that what there is at least is all there is."""
    return lived(people=1_000, days=1, seed=2)


@pytest.fixture(scope="module")
def endless() -> Lived:
    return lived(people=3_000, days=1, seed=3, planted=ENDLESS)


def test_fewest_products(tiny: Lived) -> None:
    assert len(tiny.world.given()["product"]["product"]) == tiny.world.planted(Range).fewest


def test_fewest_members_of_rings(tiny: Lived) -> None:
    assert len(tiny.world.given()["ring_member"]["person"]) == tiny.world.planted(Ring).fewest


def count_by_greatest(numbers: Column) -> Interval:
    """How many there are of which some are drawn with repetition, numbered from 0, by the greatest number drawn."""
    seen = int(numbers.max()) + 1
    return Interval(seen, seen, seen * TAIL ** (-1 / len(numbers)))


def test_merchants_by_their_products(world: Lived) -> None:
    merchants = world.world.given()["product"]["merchant"]
    per_product = count_by_greatest(merchants).mapped(lambda count: count / len(merchants))

    assert world.world.planted(Range).merchants_per_product in per_product


def test_people_in_a_household(world: Lived) -> None:
    accounts = world.world.given()["account"]
    # Addresses are never recycled, so those that are of somebody else are the household's: of its first member.
    someone = (accounts["email"] >= 0) & (accounts["email"] < world.world.setting.people)
    rows_before = np.unique((accounts["person"] - accounts["email"])[someone])

    assert world.world.planted(HintRates).recycled[1] == 0
    assert rows_before.tolist() == list(range(world.world.planted(HintRates).household))


def test_unit_of_prices_in_decisions(world: Lived) -> None:
    units = []
    for day in world.days:
        decisions, prices = day.truth["decision"], day.tables["price"]
        visits = day.tables["visit"]
        row = rows_of(decisions["visit"], visits["visit"])
        product = visits["product"][row]
        log_off = np.log(prices["list_price_fen"][product] / prices["price_fen"][product])
        # No coupon is good on the livestream, so the price of the day is what is asked.
        lowered = (visits["platform"][row] == LIVESTREAM) & (log_off > 0)
        units.append(log_off[lowered] / decisions["price"][lowered])

    assert np.concatenate(units) == pytest.approx(world.world.planted(Decision).price_unit, rel=1e-5)


def of_unrated_products(world: Lived) -> Numbers:
    """Of products without a rating when they are first seen, a row for each later day: the sum and number of ratings
    since, and what reputation counts in decisions of that day.
    """
    count = len(world.world.given()["product"]["product"])
    sums, numbers, unrated, rows = np.zeros(count), np.zeros(count), np.zeros(count, np.bool_), []
    for day in world.days:
        decisions, visits, reviews = day.truth["decision"], day.tables["visit"], day.tables["review"]
        product = visits["product"][rows_of(decisions["visit"], visits["visit"])]
        product, first = np.unique(product, return_index=True)
        reputation = decisions["reputation"][first].astype(np.float64)
        unrated[product] |= (reputation == 0) & (numbers[product] == 0)
        rated = unrated[product] & (numbers[product] > 0)
        rows.append(np.column_stack([sums[product], numbers[product], reputation])[rated])
        np.add.at(sums, reviews["product"], reviews["rating"])
        np.add.at(numbers, reviews["product"], 1)
    return np.concatenate(rows)


def test_what_a_product_without_ratings_is_taken_for(world: Lived) -> None:
    sums, numbers, reputation = of_unrated_products(world).T
    # reputation = ((sum + mean * ratings) / (number + ratings) - mean) / spread, which is linear in these three.
    terms = np.column_stack([numbers, reputation * numbers, reputation])
    (mean, spread, weight), _, rank, _ = np.linalg.lstsq(terms, sums)

    assert rank == 3
    planted = world.world.planted(Prior)
    assert (mean, spread, weight / spread) == pytest.approx((planted.mean, planted.spread, planted.ratings), rel=1e-5)


def generations(posts: Columns, people: int, most: int) -> Column:
    """Through how many hands each exposure came: 1 of the author's, one more than its parent's else; at most `most`."""
    key, of_parent = (posts["post"] * people + posts[name] for name in ("person", "parent"))
    order = np.argsort(key)
    direct = posts["parent"] == posts["author"]
    parent = np.where(direct, 0, order[np.minimum(rows_of(of_parent, key[order]), len(key) - 1)])
    found, known = direct.astype(np.int64), direct
    for _ in range(most - 1):
        found, known = np.where(known, found, found[parent] + known[parent]), known | known[parent]
    assert known.all(), "an exposure has no parent, or more hands than there may be"
    return found


def test_generations_after_which_a_cascade_ends(endless: Lived) -> None:
    exposures = endless.true("exposure")
    spreads = np.isin(exposures["post"], endless.true("post_spread")["post"])
    posts = {name: column[spreads] for name, column in exposures.items()}
    planted = endless.world.planted(Spread).generations
    generation = generations(posts, endless.world.setting.people, planted + 1)
    last = generation == generation.max()

    assert generation.max() == planted
    # So many pass it on, each to one follower on average, and nobody sees it any more.
    assert np.sum(posts["passed_on_us"][last] >= 0) > 100
