"""The follow graph mixes communities, changes and is moved between as planted."""

from dataclasses import replace

import numpy as np
import pytest

from infra.simulator.world.day import Column, Columns, chosen
from infra.simulator.world.phenomena.accounts import COMMUNITY
from infra.simulator.world.phenomena.follows import Blocks, Follows
from infra.simulator.world.phenomena.memberships import Neighbourhood
from tests.infra.simulator.world.conftest import Lived, lived
from tests.infra.simulator.world.estimators import Interval, Numbers, poisson_mean, share

STILL = replace(Blocks(), move_rate=0.0, follow_rate=0.0, unfollow_rate=0.0)


@pytest.fixture(scope="module")
def still() -> Lived:
    """A graph that stays what it was."""
    return lived(people=3_000, days=1, seed=1, planted=(STILL,))


@pytest.fixture(scope="module")
def moving() -> Lived:
    return lived(people=20_000, days=6, seed=2)


def chances(given: Columns, community: Column, mixing: float, draws: float) -> Numbers:
    """The chance that each (a row) follows each other (a column) after so many draws of the model.

    Between i and j there is an edge with probability 1 - exp(-rate), so pairs that are drawn often count once.
    """
    out_share = given["out_weight"] / given["out_weight"].sum()
    followed = given["in_weight"]
    in_community = np.bincount(community, weights=followed)
    rate = draws * np.outer(out_share, mixing * followed / followed.sum())
    own = draws * np.outer(out_share, (1 - mixing) * followed / in_community[community])
    chance: Numbers = -np.expm1(-np.where(community[:, None] == community[None, :], rate + own, rate))
    np.fill_diagonal(chance, 0.0)
    return chance


def expected_edges(given: Columns, community: Column, planted: Blocks, mixing: float) -> tuple[float, float]:
    """How many edges within communities and between them the model has."""
    chance = chances(given, community, mixing, int(len(community) * planted.follows_per_person))
    within = float(chance[community[:, None] == community[None, :]].sum())
    return within, float(chance.sum()) - within


def recovered_mixing(world: Lived) -> Interval:
    """The mixing with which the model has the share of edges between communities that is there."""
    given, community = world.world.given()["follow_weight"], world.true("community")["community"]
    edges = world.told("following")
    between = community[edges["follower"]] != community[edges["followed"]]

    # The share rises with mixing so smoothly that a few points around what is planted tell all of it.
    around = STILL.mixing + np.linspace(-0.06, 0.06, 5)
    expected = [expected_edges(given, community, STILL, float(x)) for x in around]
    shares = [across / (within + across) for within, across in expected]
    return share(int(between.sum()), len(between)).mapped(lambda found: float(np.interp(found, shares, around)))


def test_share_of_edges_that_go_to_anybody(still: Lived) -> None:
    assert STILL.mixing in recovered_mixing(still)


def test_number_of_edges(still: Lived) -> None:
    given, community = still.world.given()["follow_weight"], still.true("community")["community"]
    expected = sum(expected_edges(given, community, STILL, STILL.mixing))
    drawn = int(len(community) * STILL.follows_per_person)

    # What is left of the draws after equal ones are one.
    assert expected / drawn in share(len(still.told("following")["follower"]), drawn)


def test_people_move_between_communities_at_the_planted_rate(moving: Lived) -> None:
    days = np.stack([day.truth["community"]["community"] for day in moving.days])
    moved = days[1:] != days[:-1]
    # Who moves draws any community, so also the old one.
    seen = 1 - 1 / moving.world[Follows].communities

    assert moving.world.planted(Blocks).move_rate * seen in share(int(moved.sum()), moved.size)


def test_edges_end_at_the_planted_rate(moving: Lived) -> None:
    tables = [day.tables for day in moving.days]
    begun, ended = (np.array([len(told[name]["follower"]) for told in tables]) for name in ("follow", "unfollow"))
    there = len(moving.told("following")["follower"]) + np.concatenate([[0], np.cumsum(begun - ended)[:-1]])

    assert moving.world.planted(Blocks).unfollow_rate in share(int(ended.sum()), int(there.sum()))


def recovered_follow_rate(world: Lived) -> Interval:
    """The share of edges drawn anew each day with which as many begin as do: those drawn that were not there."""
    given, around = world.world.given()["follow_weight"], Blocks().follow_rate * np.linspace(0.8, 1.2, 3)
    begun, expected = 0, np.zeros(len(around))
    for day, follower, followed in world.follows():
        # As the day began: what ended on it is there, what began is not yet.
        new, gone = (day.tables[name] for name in ("follow", "unfollow"))
        free = np.ones((world.world.setting.people,) * 2, np.bool_)
        free[follower, followed] = False
        free[new["follower"], new["followed"]] = True
        free[gone["follower"], gone["followed"]] = False
        edges = free.size - int(free.sum())
        community = day.truth["community"]["community"]
        for row, rate in enumerate(around):
            expected[row] += chances(given, community, Blocks().mixing, int(edges * rate))[free].sum()
        begun += len(new["follower"])
    return poisson_mean(begun, 1.0).mapped(lambda found: float(np.interp(found, expected, around)))


def test_edges_begin_at_the_planted_rate() -> None:
    few = lived(people=2_000, days=6, seed=3)

    assert few.world.planted(Blocks).follow_rate in recovered_follow_rate(few)


@pytest.fixture(scope="module")
def first_members(moving: Lived) -> Columns:
    """Who joined a group on the first day, on which all customers are told of."""
    rows = moving.days[0].tables["membership"]
    return chosen(rows, rows["joins"])


def test_share_of_customers_who_join_a_group_of_the_shop(moving: Lived, first_members: Columns) -> None:
    accounts = moving.world.given()["account"]
    in_shop = accounts["person"][accounts["platform"] == COMMUNITY]
    could = int(np.isin(moving.days[0].tables["registration"]["person"], in_shop).sum())

    assert moving.world.planted(Neighbourhood).joins in share(len(first_members["person"]), could)


def test_share_of_members_who_are_in_the_group_of_another_community(moving: Lived, first_members: Columns) -> None:
    community = moving.days[0].truth["community"]["community"][first_members["person"]]
    count = moving.world[Follows].communities
    # A group is that of the community which most of its members live in.
    together = np.bincount(first_members["group"] * count + community, minlength=count * count).reshape(count, count)
    own = int(together.max(axis=1).sum())

    # Who is anywhere is at home once in so many times as there are communities.
    planted = moving.world.planted(Neighbourhood).elsewhere * (1 - 1 / count)
    assert planted in share(len(community) - own, len(community))
