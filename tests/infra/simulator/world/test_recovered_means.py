"""Means and spreads that are planted are recovered: prices, weights of the graph, influence, activity, hours, waits."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import digamma, polygamma
from scipy.stats import chi2

from infra.simulator.world.channels import Channel
from infra.simulator.world.day import DAY, HOUR, SECOND, Column
from infra.simulator.world.phenomena.creators import Influence
from infra.simulator.world.phenomena.discovery import Habits
from infra.simulator.world.phenomena.follows import Blocks
from infra.simulator.world.phenomena.interactions import Steps
from infra.simulator.world.phenomena.memberships import Neighbourhood
from infra.simulator.world.phenomena.payments import Settlement
from infra.simulator.world.phenomena.people import BANDS, Profile
from infra.simulator.world.phenomena.posts import Spread
from infra.simulator.world.phenomena.products import CATEGORIES, Range
from infra.simulator.world.phenomena.purchases import Decision
from tests.infra.simulator.world.conftest import Lived, lived
from tests.infra.simulator.world.estimators import (
    TAIL,
    Interval,
    likelihood_ratio,
    normal,
    poisson_mean,
    rows_of,
)

TO_MARKET_HOURS = 8


@pytest.fixture(scope="module")
def world() -> Lived:
    return lived(people=20_000, days=6, seed=1)


def mean_of(values: Column) -> Interval:
    """The mean of numbers that are about normal, or many."""
    return normal(float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values))))


def spread_of(values: Column) -> Interval:
    """The standard deviation of normal numbers, exact."""
    free, spread = len(values) - 1, float(values.std(ddof=1))
    ends = (np.sqrt(free / chi2.isf(TAIL, free)), np.sqrt(free / chi2.ppf(TAIL, free)))
    return Interval(spread, spread * float(ends[0]), spread * float(ends[1]))


def log_price(world: Lived) -> Column:
    """Logarithms of list prices in yuan."""
    return np.log(world.days[0].tables["price"]["list_price_fen"] / 100)


def log_out(world: Lived) -> Column:
    return np.log(world.world.given()["follow_weight"]["out_weight"])


def log_catching(world: Lived) -> Column:
    return np.log(world.true("post_spread")["catching"].astype(np.float64))


def log_influence(world: Lived, *, local: bool) -> Column:
    creators = world.world.given()["creator"]
    return np.log(creators["influence"][creators["is_local"] == local])


def seen_after(world: Lived) -> Column:
    """Logarithm of hours after which followers see posts of the first day."""
    posts, seen = world.days[0].tables["post"], world.true("exposure")
    directly = (seen["parent"] == seen["author"]) & np.isin(seen["post"], posts["post"])
    at_us = posts["at_us"][rows_of(seen["post"][directly], posts["post"])]
    return np.log((seen["at_us"][directly] - at_us) / HOUR)


def passed_on_after(world: Lived) -> Column:
    seen = world.true("exposure")
    passed_on = seen["passed_on_us"] >= 0
    return np.log((seen["passed_on_us"] - seen["at_us"])[passed_on] / HOUR)


def friends_come_after(world: Lived) -> Column:
    """Logarithm of hours after which those come to whom something was passed on during the first three days."""
    visits, first = world.own_visits(), world.days[:3]
    share, at_us = (np.concatenate([day.tables["share"][name] for day in first]) for name in ("share", "at_us"))
    order = np.argsort(share)
    came = np.isin(visits["share"], share)
    sent_us = at_us[order][rows_of(visits["share"][came], share[order])]
    return np.log((visits["at_us"][came] - sent_us) / HOUR)


NORMAL: dict[str, tuple[type, Callable[[Lived], Column], str | None, str]] = {
    "prices": (Range, log_price, "median_price_cny", "price_sigma"),
    "seen": (Spread, seen_after, "seen_after_hours", "sigma"),
    "passed on": (Spread, passed_on_after, "passed_on_after_hours", "sigma"),
    "friends come": (Habits, friends_come_after, "friend_comes_after_hours", "sigma"),
    "follows": (Blocks, log_out, None, "out_sigma"),
    "catching": (Spread, log_catching, None, "catching_sigma"),
    "influence": (Influence, lambda world: log_influence(world, local=False), None, "sigma"),
}


@pytest.mark.parametrize("name", NORMAL)
def test_median_and_spread_of_what_is_log_normal(world: Lived, name: str) -> None:
    kind, values, median, spread = NORMAL[name]
    planted, found = world.world.planted(kind), values(world)

    assert getattr(planted, spread) in spread_of(found)
    assert median is None or np.log(getattr(planted, median)) in mean_of(found)


def test_local_voices_have_more_influence_by_their_factor(world: Lived) -> None:
    local, others = (log_influence(world, local=local) for local in (True, False))
    deviation = np.sqrt(local.var(ddof=1) / len(local) + others.var(ddof=1) / len(others))

    found = normal(float(local.mean() - others.mean()), float(deviation))

    assert np.log(world.world.planted(Influence).local_factor) in found


def paid_after(world: Lived) -> Column:
    orders, payments = world.told("order"), world.told("payment")
    return (payments["at_us"] - orders["at_us"][rows_of(payments["order"], orders["order"])]) / SECOND - 5


def decided_within(world: Lived) -> Column:
    orders, visits = world.told("order"), world.told("visit")
    of_visit = orders["visit"] >= 0
    begun_us = visits["at_us"][rows_of(orders["visit"][of_visit], visits["visit"])]
    return (orders["at_us"][of_visit] - begun_us) / SECOND - 30


def between_steps(world: Lived) -> Column:
    steps = world.told("interaction")
    same = steps["visit"][1:] == steps["visit"][:-1]
    return np.diff(steps["at_us"])[same] / SECOND - 1


def joined_after(world: Lived) -> Column:
    """Seconds after which those join a group who are customers when the first day begins."""
    day = world.days[0].tables["membership"]
    joined = day["joins"] & np.isin(day["person"], world.true("customer_before")["person"])
    moved = np.isin(day["person"], day["person"][~day["joins"]])
    return (day["at_us"][joined & ~moved] - world.days[0].begin_us) / SECOND - 1


WAITS: dict[str, tuple[type, str, Callable[[Lived], Column]]] = {
    "paid": (Settlement, "paid_after_seconds", paid_after),
    "decided": (Decision, "decided_within_seconds", decided_within),
    "steps": (Steps, "seconds_between", between_steps),
    "joined": (Neighbourhood, "joins_after_seconds", joined_after),
}


@pytest.mark.parametrize("name", WAITS)
def test_means_of_waits_that_are_exponential(world: Lived, name: str) -> None:
    kind, field, waits = WAITS[name]

    assert getattr(world.world.planted(kind), field) in mean_of(waits(world))


@pytest.mark.parametrize("band", range(len(BANDS)))
def test_hours_at_which_people_are_online(world: Lived, band: int) -> None:
    visits, planted = world.own_visits(), world.world.planted(Profile)
    searches = visits["channel"] == Channel.SEARCH
    of_band = searches & (world.world.given()["person"]["band"][visits["person"]] == band)
    hour = (visits["at_us"][of_band] + TO_MARKET_HOURS * HOUR) % DAY / HOUR
    # Around the clock: as far before or after the peak.
    apart = (hour - planted.peak_hours[band] + 12) % 24 - 12

    assert 0.0 in mean_of(apart)
    assert planted.spread_hours in spread_of(apart)


def test_activity_is_of_the_planted_shape(world: Lived) -> None:
    activity = world.world.given()["person"]["activity"].astype(np.float64)
    unequal = float(np.log(activity.mean()) - np.log(activity).mean())
    shape = float(brentq(lambda k: np.log(k) - digamma(k) - unequal, 1e-3, 1e3))
    deviation = np.sqrt(shape / (len(activity) * (shape * polygamma(1, shape) - 1)))

    assert world.world.planted(Profile).visits_shape in normal(shape, float(deviation))


def test_searches_fall_on_products_by_their_rank(world: Lived) -> None:
    visits, given = world.own_visits(), world.world.given()["product"]
    searched = visits["product"][visits["channel"] == Channel.SEARCH]
    rank = np.argsort(np.argsort(-given["popularity"])) + 1.0
    searches = np.bincount(given["category"][searched], minlength=len(CATEGORIES))
    log_ranks = float(np.log(rank[searched]).sum())

    def log_likelihood(exponent: float) -> float:
        weights = np.bincount(given["category"], rank**-exponent, minlength=len(CATEGORIES))
        return -exponent * log_ranks - float((searches * np.log(weights)).sum())

    assert world.world.planted(Range).popularity_exponent in likelihood_ratio(log_likelihood, 0.1, 2.0)


def test_who_follows_many_is_followed_by_many(world: Lived) -> None:
    given = world.world.given()["follow_weight"]
    followed, follows = np.log(given["in_weight"]), log_out(world)
    slope, at_zero = np.polyfit(follows, followed, 1)
    rest = followed - slope * follows - at_zero
    deviation = rest.std(ddof=2) / (follows.std() * np.sqrt(len(rest)))

    assert world.world.planted(Blocks).in_with_out in normal(float(slope), float(deviation))


def test_the_rest_of_how_much_people_are_followed_is_a_pareto_number(world: Lived) -> None:
    given, planted = world.world.given()["follow_weight"], world.world.planted(Blocks)
    rest = np.log(given["in_weight"]) - planted.in_with_out * log_out(world)

    # Its logarithm is exponential.
    assert planted.in_exponent in poisson_mean(len(rest), float(rest.sum()))


def test_by_how_much_prices_are_lowered(world: Lived) -> None:
    prices, planted = world.told("price"), world.world.planted(Range)
    # Prices are in tens of fen, which does not show where something costs much.
    lowered = (prices["price_fen"] < prices["list_price_fen"]) & (prices["list_price_fen"] >= 5_000)
    discount = 1 - prices["price_fen"][lowered] / prices["list_price_fen"][lowered]

    # Anything between five per cent and the largest discount alike.
    assert (0.05 + planted.largest_discount) / 2 in mean_of(discount)
    assert discount.max() < planted.largest_discount + 0.001
