"""How group buys go is recovered from who is asked, who joins when, and what a full group or the last day cuts off."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy.stats import norm, poisson
from statsmodels.base.model import GenericLikelihoodModel

from infra.simulator.world.day import HOUR, Column, Columns
from infra.simulator.world.phenomena.accounts import COMMUNITY
from infra.simulator.world.phenomena.group_buys import Groups
from tests.infra.simulator.world.conftest import Lived, lived
from tests.infra.simulator.world.estimators import Interval, Numbers, counted, intervals, likelihood_ratio, rows_of

MANY = replace(Groups(), opened_a_day=0.1)


@pytest.fixture(scope="module")
def world() -> Lived:
    return lived(people=10_000, days=6, seed=1, planted=(MANY,))


def could_ask(world: Lived) -> Iterator[tuple[Columns, Column]]:
    """The groups of each day, and how many of those whom its opener follows could join."""
    people, accounts = world.world.setting.people, world.world.given()["account"]
    in_shop = np.isin(np.arange(people), accounts["person"][accounts["platform"] == COMMUNITY])
    for (day, follower, followed), (_, customers) in zip(world.follows(), world.customers(), strict=True):
        friends = np.bincount(follower, weights=(customers & in_shop)[followed], minlength=people)
        yield day.tables["group_opened"], friends[day.tables["group_opened"]["person"]]


def recovered_asked(world: Lived) -> Interval:
    """The mean of how many would be asked: Poisson numbers that are cut off where nobody is left to be asked."""
    friends = np.concatenate([able for _, able in could_ask(world)])
    asked = world.true("group_asked")["asked"]
    all_of_them = asked == friends

    def log_likelihood(mean: float) -> float:
        fewer = poisson.logpmf(asked[~all_of_them], mean).sum()
        return float(fewer + poisson.logsf(friends[all_of_them] - 1, mean).sum())

    return likelihood_ratio(log_likelihood, 1.0, 40.0)


def test_friends_whom_a_group_asks(world: Lived) -> None:
    friends = np.concatenate([able for _, able in could_ask(world)])

    assert np.all(world.true("group_asked")["asked"] <= friends)
    assert MANY.asked in recovered_asked(world)


def test_hours_for_which_a_group_is_open(world: Lived) -> None:
    opened, closed = world.told("group_opened"), world.told("group_closed")
    expired = ~closed["is_full"] & np.isin(closed["group"], opened["group"])
    opened_us = opened["at_us"][rows_of(closed["group"][expired], opened["group"])]

    assert np.array_equal(np.unique(closed["at_us"][expired] - opened_us), [MANY.open_hours * HOUR])


@dataclass(frozen=True)
class Joining:
    """Who joined when, in hours, by group; and of each group who still could, and until when it is known of."""

    hours: Column
    asked: Column
    joined: Column
    known_hours: Column


def joining(world: Lived) -> Joining:
    """Of each group that was opened; it is known of until it is full, its time is over or the last day ends."""
    opened, members = world.told("group_opened"), world.told("group_joined")
    of_told = np.isin(members["group"], opened["group"])
    group, at_us = members["group"][of_told], members["at_us"][of_told]
    row = rows_of(group, opened["group"])
    hours = (at_us - opened["at_us"][row]) / HOUR
    joined, last = counted(group, opened["group"]), np.zeros(len(opened["group"]))
    np.maximum.at(last, row, hours)
    until = np.minimum(MANY.open_hours, (world.days[-1].end_us - opened["at_us"]) / HOUR)
    is_full = joined == opened["size"] - 1
    return Joining(hours, world.true("group_asked")["asked"], joined, np.where(is_full, last, until))


def recovered_joining(seen: Joining) -> tuple[Interval, Interval, Interval]:
    """The chance that who is asked would ever join, and median and sigma of the log-normal hours until then.

    Each who joined counts by density, each other who was asked by the chance not to have joined as long as that is
    known.
    """
    logs, ends = np.log(seen.hours), np.log(seen.known_hours)

    class Joins(GenericLikelihoodModel):  # type: ignore[misc]
        def loglikeobs(self, params: Numbers) -> Numbers:
            chance, median, sigma = 1 / (1 + np.exp(-params[0])), params[1], np.exp(params[2])
            of_members = np.log(chance) + norm.logpdf(logs, median, sigma)
            of_others = (seen.asked - seen.joined) * np.log1p(-chance * norm.cdf((ends - median) / sigma))
            return np.concatenate([of_members, of_others])

    rows = np.ones(len(logs) + len(ends))
    model = Joins(rows, rows, extra_params_names=["log_median", "log_sigma"])
    chance, median, sigma = intervals(model.fit(np.array([0.0, logs.mean(), 0.0]), method="bfgs", disp=0))
    return (
        chance.mapped(lambda x: float(1 / (1 + np.exp(-x)))),
        median.mapped(lambda x: float(np.exp(x))),
        sigma.mapped(lambda x: float(np.exp(x))),
    )


def test_who_is_asked_joins_with_the_planted_chance_after_the_planted_wait(world: Lived) -> None:
    chance, median, sigma = recovered_joining(joining(world))

    assert MANY.joins in chance
    assert MANY.joins_after_hours in median
    assert MANY.sigma in sigma
