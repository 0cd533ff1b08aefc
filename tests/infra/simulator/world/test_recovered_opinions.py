"""Honest ratings tell quality, likes tell emotion, and the ring gives itself away as planted."""

from dataclasses import replace

import numpy as np
import pytest

from infra.simulator.world.day import Column
from infra.simulator.world.phenomena.brushing import Ring
from infra.simulator.world.phenomena.interactions import ACTIONS, Steps
from infra.simulator.world.phenomena.products import Products
from infra.simulator.world.phenomena.reviews import Ratings
from tests.infra.simulator.world.conftest import Lived, lived
from tests.infra.simulator.world.estimators import Interval, logit, poisson_mean, proportion, share, stars

# Everybody who will review does so the same day or the next.
SOON = replace(Ratings(), after_days=0.05)


@pytest.fixture(scope="module")
def world() -> Lived:
    return lived(people=20_000, days=8, seed=1, planted=(SOON,))


def recovered_ratings(world: Lived) -> list[Interval]:
    """Mean, what quality adds, and noise of the opinion behind honest ratings."""
    reviews = world.told("review")
    honest = ~np.isin(reviews["order"], world.true("brushed_review")["order"])
    quality = world.world.given()["product"]["quality"][reviews["product"][honest]]
    return stars(reviews["rating"][honest], quality.astype(np.float64))


def test_ratings_by_quality(world: Lived) -> None:
    mean, quality, noise = recovered_ratings(world)

    assert SOON.mean in mean
    assert SOON.quality in quality
    assert SOON.noise in noise


def test_share_of_paid_lines_that_are_reviewed(world: Lived) -> None:
    early = [day.tables["payment"] for day in world.days[:-2]]
    paid = np.concatenate([rows["order"][rows["paid"]] for rows in early])
    honest = paid[~np.isin(paid, world.true("brushed_order")["order"])]

    lines, reviews = (int(np.isin(world.told(name)["order"], honest).sum()) for name in ("order_line", "review"))

    assert SOON.share in share(reviews, lines)


def recovered_likes(world: Lived) -> list[Interval]:
    """The log-odds of a like, and how they move with emotion."""
    decisions, steps = world.true("decision"), world.told("interaction")
    liked = np.isin(decisions["visit"], steps["visit"][steps["action"] == ACTIONS.index("like")])
    return logit(liked, np.column_stack([np.ones(len(liked)), decisions["emotion"]]))


def test_likes_by_emotion(world: Lived) -> None:
    at_zero, slope = recovered_likes(world)

    planted = world.world.planted(Steps)
    assert planted.like_log_odds in at_zero
    assert planted.emotion_likes in slope


@pytest.mark.parametrize("action", ["save", "comment"])
def test_steps_that_nothing_moves(world: Lived, action: str) -> None:
    steps, visits = world.told("interaction"), world.told("visit")["visit"]
    planted = {"save": world.world.planted(Steps).saves, "comment": world.world.planted(Steps).comments}

    assert planted[action] in share(int((steps["action"] == ACTIONS.index(action)).sum()), len(visits))


def bought_pairs(world: Lived, people: Column, products: Column) -> Column:
    """For each of some people whether they bought each of some products, a product a column."""
    lines, orders = world.told("order_line"), world.told("order")
    buyer = orders["person"][np.searchsorted(orders["order"], lines["order"])]
    bought = np.zeros((world.world.setting.people, world.world[Products].count), np.bool_)
    bought[buyer, lines["product"]] = True
    return bought[np.ix_(people, products)]


def test_orders_of_the_ring(world: Lived) -> None:
    members, planted = world.world.given()["ring_member"]["person"], world.world.planted(Ring)
    orders = len(world.true("brushed_order")["order"])

    assert planted.orders_a_day in poisson_mean(orders, len(members) * len(world.days))


def test_size_of_the_rings(world: Lived) -> None:
    given, planted = world.world.given(), world.world.planted(Ring)
    members = int(world.world.setting.people * planted.members_share)

    assert len(given["ring_member"]["person"]) == members
    rings = members // planted.members_per_ring
    assert np.bincount(given["ring_product"]["ring"]).tolist() == [planted.products] * rings
    # The second is half as large as the first.
    assert rings == 2
    assert np.bincount(given["ring_member"]["ring"]) == pytest.approx([members * 2 / 3, members / 3], abs=1)


def test_members_buy_the_products_of_their_ring(world: Lived) -> None:
    given, planted = world.world.given(), world.world.planted(Ring)
    members, products = given["ring_member"], given["ring_product"]
    block = bought_pairs(world, members["person"], products["product"])
    own = members["ring"][:, None] == products["ring"][None, :]

    # Orders fall on products at random: a pair is there if one of them fell on it.
    expected = -np.expm1(-planted.orders_a_day * len(world.days) / planted.products)
    assert expected in proportion(block[own])
    # They also buy for themselves, as everybody does.
    assert proportion(block[~own]).high < expected / 2


def test_stars_of_the_ring(world: Lived) -> None:
    reviews = world.told("review")
    brushed = np.isin(reviews["order"], world.true("brushed_review")["order"])

    assert world.world.planted(Ring).five_stars in proportion(reviews["rating"][brushed] == 5)
