"""People come to products through the channels as often as planted, and friends bring friends."""

from dataclasses import replace

import numpy as np
import pytest
from statsmodels.discrete.count_model import ZeroInflatedPoisson

from infra.simulator.world.channels import Channel, Mix
from infra.simulator.world.day import Column
from infra.simulator.world.phenomena.advertising import Budget
from infra.simulator.world.phenomena.discovery import Habits
from infra.simulator.world.phenomena.registrations import Growth
from infra.simulator.world.world import WARM_UP_DAYS, Setting, World
from tests.infra.simulator.world.conftest import START, Lived, lived
from tests.infra.simulator.world.estimators import Interval, counted, intervals, mean_ahead, normal, poisson_mean, share

OF_POSTS = (Channel.CREATOR, Channel.COMMUNITY)


# As many customers on all days: the more there are, the more see each post, and channels of posts grow.
NO_GROWTH = (Growth(come_by_themselves_a_day=0.0, invitations=0.0), Budget(registers=0.0))


@pytest.fixture(scope="module")
def world() -> Lived:
    return lived(people=20_000, days=12, seed=1, planted=NO_GROWTH)


@pytest.fixture(scope="module")
def mix(world: Lived) -> Mix:
    return world.world.planted(Mix)


def visits_by_day(world: Lived, channel: Channel) -> Column:
    """How many came through a channel on each day, but for hired accounts."""
    return np.array([(day.truth["decision"]["channel"] == channel).sum() for day in world.days])


def wanted_a_day(world: Lived) -> float:
    """How many visits of all channels there would be on each day at the planted rate."""
    return world.world.planted(Mix).visits_a_day * len(world.days[0].tables["registration"]["person"])


def test_searches(world: Lived, mix: Mix) -> None:
    activity = world.world.given()["person"]["activity"]
    active = float(activity[world.days[0].tables["registration"]["person"]].sum()) * len(world.days)

    found = poisson_mean(int(visits_by_day(world, Channel.SEARCH).sum()), mix.visits_a_day * active)

    assert mix.shares[Channel.SEARCH] in found


@pytest.mark.parametrize("channel", OF_POSTS)
def test_visits_because_of_posts(world: Lived, mix: Mix, channel: Channel) -> None:
    shares = visits_by_day(world, channel) / wanted_a_day(world)

    # Chances are set to what was seen on all days of the warm-up but the first, which move as these days do.
    assert mix.shares[channel] in mean_ahead(shares, WARM_UP_DAYS - 1)


def recovered_offspring(world: Lived) -> Interval:
    """Visits that a visit causes by passing on, with the deviation that the planted process has.

    Somebody shares with a probability s and then brings a Poisson number with mean m / s.
    """
    visits, by_friends = len(world.true("decision")["visit"]), int(visits_by_day(world, Channel.FRIEND).sum())
    mean, shared = by_friends / visits, world.world.planted(Habits).shared
    return normal(mean, float(np.sqrt((mean * (1 + mean / shared) - mean**2) / visits)))


def test_friends_whom_a_visit_brings(world: Lived, mix: Mix) -> None:
    # Those who come the day after weigh as much as those who came of the day before the first.
    assert mix.shares[Channel.FRIEND] in recovered_offspring(world)


def test_of_those_to_whom_something_is_passed_on_as_many_come_as_the_truth_says(world: Lived) -> None:
    came, sent = int(visits_by_day(world, Channel.FRIEND).sum()), len(world.told("share")["share"])

    assert world.world.given()["channel"]["rate"][Channel.FRIEND] in share(came, sent)


def messages_told(world: Lived) -> tuple[Column, Column]:
    """Of each visit how many messages it sent are told, and the share of those its visitor follows to whom one is.

    Messages to people who are no customers are not told.
    """
    people, counts, shares = world.world.setting.people, [], []
    for (day, follower, followed), (_, customers) in zip(world.follows(), world.customers(), strict=True):
        follows = np.bincount(follower, minlength=people)
        told = np.bincount(follower, weights=customers[followed], minlength=people) / np.maximum(follows, 1)
        rows, sent = day.tables["visit"], day.tables["share"]
        own = np.isin(rows["visit"], day.truth["decision"]["visit"])
        # A visit sends its messages when it begins.
        visit, message = (
            (at_us - day.begin_us) * people + who
            for at_us, who in ((rows["at_us"][own], rows["person"][own]), (sent["at_us"], sent["sharer"]))
        )
        order = np.argsort(visit)
        counts.append(counted(message, visit[order]))
        shares.append(told[rows["person"][own][order]])
    return np.concatenate(counts), np.concatenate(shares)


def recovered_sharing(world: Lived) -> tuple[Interval, Interval]:
    """The chance that a visit is shared, and with how many: Poisson numbers with more zeros than those of Poisson."""
    counts, told = messages_told(world)
    could = told > 0
    model = ZeroInflatedPoisson(counts[could], np.ones(int(could.sum())), exposure=told[could])
    not_shared, log_friends = intervals(model.fit(disp=0))
    shared = Interval(*(float(1 / (1 + np.exp(x))) for x in (not_shared.estimate, not_shared.high, not_shared.low)))
    return shared, log_friends.mapped(lambda x: float(np.exp(x)))


def test_how_often_a_visit_is_shared_and_with_how_many_friends(world: Lived) -> None:
    shared, friends = recovered_sharing(world)

    assert world.world.planted(Habits).shared in shared
    assert world.world.planted(Habits).friends in friends


def test_friends_bring_as_many_where_most_people_are_customers() -> None:
    growth = replace(NO_GROWTH[0], customers_at_start=0.9)
    busy = lived(people=20_000, days=6, seed=2, planted=(growth, NO_GROWTH[1]))

    assert busy.world.planted(Mix).shares[Channel.FRIEND] in recovered_offspring(busy)


def test_a_world_with_too_few_customers_for_the_share_of_friends_is_refused() -> None:
    world = World(Setting(2_000, START), Growth(customers_at_start=0.2))

    with pytest.raises(ValueError, match=r"Growth\.customers_at_start"):
        next(world.days(1))


def test_visits_by_advertising(world: Lived, mix: Mix) -> None:
    visits = int(visits_by_day(world, Channel.ADVERTISING).sum())

    assert mix.shares[Channel.ADVERTISING] in poisson_mean(visits, wanted_a_day(world) * len(world.days))


def test_share_of_impressions_that_are_clicked(world: Lived) -> None:
    spend = world.told("ad_spend")

    planted = world.world.planted(Budget).clicked
    assert planted in share(int(spend["clicks"].sum()), int(spend["impressions"].sum()))


def test_what_impressions_cost(world: Lived) -> None:
    spend = world.told("ad_spend")

    per_thousand = world.world.planted(Budget).price_per_thousand_fen
    # Whole fen, so that less than one of each row is lost.
    assert np.all(spend["impressions"] * per_thousand - spend["cost_fen"] * 1000 < 1000)
    assert np.all(spend["impressions"] * per_thousand >= spend["cost_fen"] * 1000)


def test_campaigns_are_shown_alike(world: Lived) -> None:
    spend, campaigns = world.told("ad_spend"), world.world.planted(Budget).campaigns
    of_first = int(spend["impressions"][spend["campaign"] == 0].sum())

    assert 1 / campaigns in share(of_first, int(spend["impressions"].sum()))
