"""Posts spread with the planted chances, and creators make others come by their planted influence."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from infra.simulator.world.day import Column, Columns, chosen
from infra.simulator.world.phenomena.creators import Influence
from infra.simulator.world.phenomena.discovery import Discovery
from infra.simulator.world.phenomena.posts import Spread
from tests.infra.simulator.world.conftest import Lived, lived
from tests.infra.simulator.world.estimators import Interval, Numbers, hazard, log_rate, poisson_mean, rows_of, share

Estimator = Callable[[Column, Numbers], list[Interval]]


@pytest.fixture(scope="module")
def world() -> Lived:
    return lived(people=20_000, days=6, seed=1)


@dataclass(frozen=True)
class Seen:
    """What was seen of creators' posts: the logarithm of the planted influence, and what became of it."""

    rows: Columns
    log_influence: Column

    def rate(self, estimate: Estimator, outcome: Column) -> tuple[Interval, Interval]:
        """The rate with an influence of 1, and how its logarithm rises with that of influence."""
        at_one, slope = estimate(outcome, np.column_stack([np.ones(len(outcome)), self.log_influence]))
        return at_one.mapped(lambda x: float(np.exp(x))), slope


def seen_of_creators(world: Lived, rows: Columns, influence: Columns | None = None) -> Seen:
    """Rows of exposures to posts of creators."""
    creators = influence or world.world.given()["creator"]
    order = np.argsort(creators["person"])
    known = creators["person"][order]
    rows = chosen(rows, np.isin(rows["author"], known))
    value = creators["influence"][order][np.searchsorted(known, rows["author"])]
    return Seen(rows, np.log(value))


def with_chance_to_come(world: Lived) -> Columns:
    """What customers saw of posts with a product, and whether they came because of it."""
    parts = []
    for day, customers in world.customers():
        seen = day.truth["exposure"]
        parts.append(chosen(seen, (seen["product"] >= 0) & customers[seen["person"]]))
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    visits = world.told("visit")
    pairs = visits["post"] * world.world.setting.people + visits["person"]
    return {**rows, "came": np.isin(rows["post"] * world.world.setting.people + rows["person"], pairs)}


def passing_on(world: Lived, influence: Columns | None = None) -> list[Interval]:
    """Of what is seen at first hand: the chance at an influence of 1, and how its logarithm rises with those of
    influence and of how catching the post is.
    """
    rows, spread = world.true("exposure"), world.true("post_spread")
    at_first_hand = (rows["parent"] == rows["author"]) & np.isin(rows["post"], spread["post"])
    seen = seen_of_creators(world, chosen(rows, at_first_hand), influence)
    log_catching = np.log(spread["catching"][rows_of(seen.rows["post"], spread["post"])].astype(np.float64))
    true_influence = seen.log_influence * world.world.planted(Influence).effect
    # Where everybody passes on what they see, nothing can rise.
    uncertain = np.log(world.world.planted(Spread).pass_on) + true_influence + log_catching < 0
    terms = np.column_stack([np.ones(len(log_catching)), seen.log_influence, log_catching])[uncertain]
    chance, *slopes = log_rate(seen.rows["passed_on_us"][uncertain] >= 0, terms)
    return [chance.mapped(lambda x: float(np.exp(x))), *slopes]


def test_a_post_is_passed_on_with_the_planted_chance_times_influence_and_how_catching_it_is(world: Lived) -> None:
    chance, influence, catching = passing_on(world)

    assert world.world.planted(Spread).pass_on in chance
    assert world.world.planted(Influence).effect in influence
    assert 1.0 in catching


def test_what_comes_at_second_hand_is_passed_on_less_often_by_the_planted_factor(world: Lived) -> None:
    planted, rows, spread = world.world.planted(Spread), world.true("exposure"), world.true("post_spread")
    rows = chosen(rows, (rows["parent"] != rows["author"]) & np.isin(rows["post"], spread["post"]))
    seen = seen_of_creators(world, rows)
    catching = spread["catching"][rows_of(seen.rows["post"], spread["post"])]
    from_author = np.minimum(planted.pass_on * np.exp(seen.log_influence) * catching, 1.0)

    passed_on = poisson_mean(int((seen.rows["passed_on_us"] >= 0).sum()), float(from_author.sum()))

    assert planted.second_hand in passed_on


def test_how_often_people_come_rises_with_influence(world: Lived) -> None:
    seen = seen_of_creators(world, with_chance_to_come(world))

    rate, slope = seen.rate(hazard, seen.rows["came"])

    assert world.world[Discovery].come_of_creator in rate
    assert world.world.planted(Influence).effect in slope


def test_how_often_members_of_a_community_come(world: Lived) -> None:
    rows = with_chance_to_come(world)
    came = rows["came"][~np.isin(rows["author"], world.world.given()["creator"]["person"])]

    assert world.world[Discovery].come_of_member in share(int(came.sum()), len(came))


def test_followers_see_a_post_with_the_planted_reach(world: Lived) -> None:
    # Posts of the first day, for which the graph is known; hardly any is seen by a follower only days later.
    day = world.days[0].tables
    first = day["post"]
    by_creators = np.isin(first["author"], world.world.given()["creator"]["person"])
    before, begun, ended = (
        np.bincount(day[name]["followed"], minlength=world.world.setting.people)
        for name in ("following", "follow", "unfollow")
    )
    followers = before + begun - ended
    could_see = int(followers[first["author"][by_creators]].sum())
    exposures = world.true("exposure")
    directly = (exposures["parent"] == exposures["author"]) & np.isin(exposures["post"], first["post"][by_creators])

    assert world.world.planted(Spread).reach in share(int(directly.sum()), could_see)


def test_creators_post_as_often_as_planted(world: Lived) -> None:
    creators = world.world.given()["creator"]["person"]
    written = int(np.isin(world.told("post")["author"], creators).sum())

    assert world.world.planted(Influence).posts_a_day in poisson_mean(written, len(creators) * len(world.days))
