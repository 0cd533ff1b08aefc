"""Growth is the planted branching process: how many are invited, how many of them come, generation after generation."""

from dataclasses import replace

import numpy as np
import pytest

from infra.simulator.world.day import Column
from infra.simulator.world.phenomena.advertising import Budget
from infra.simulator.world.phenomena.registrations import CameBy, Growth
from tests.infra.simulator.world.conftest import Lived, lived
from tests.infra.simulator.world.estimators import poisson_mean, share

# Enough newcomers, and so fast that what comes of those of all but the last days is known on the last.
FAST = replace(Growth(), come_by_themselves_a_day=0.03, sent_after_hours=0.5, accepted_after_hours=0.5)
GENERATIONS = range(3)


@pytest.fixture(scope="module")
def world() -> Lived:
    return lived(people=20_000, days=8, seed=1, planted=(FAST,))


def newcomers(world: Lived) -> Column:
    """Everybody who came on a day, but the last three: one for inviting, one for answering, one for coming late."""
    return np.concatenate([day.truth["invite_tree"]["person"] for day in world.days[:-3]])


@pytest.mark.parametrize("generation", GENERATIONS)
def test_mean_offspring_of_each_generation(world: Lived, generation: int) -> None:
    tree = world.true("invite_tree")
    parents = np.intersect1d(newcomers(world), tree["person"][tree["generation"] == generation])
    children = int(np.isin(tree["inviter"], parents).sum())

    assert FAST.invitations * FAST.accepted in poisson_mean(children, len(parents))


def test_invitations_sent_by_a_newcomer(world: Lived) -> None:
    parents = newcomers(world)
    sent = int(np.isin(world.told("invite")["inviter"], parents).sum())

    assert FAST.invitations in poisson_mean(sent, len(parents))


def test_share_of_invitations_that_are_accepted(world: Lived) -> None:
    invites = world.told("invite")
    sent = invites["invite"][np.isin(invites["inviter"], newcomers(world))]
    accepted = int(np.isin(sent, world.told("registration")["invite"]).sum())

    assert FAST.accepted in share(accepted, len(sent))


def test_generations_follow_the_tree(world: Lived) -> None:
    tree = world.true("invite_tree")
    generation = np.zeros(world.world.setting.people, np.int16)
    for table in (world.true("customer_before"), tree):
        generation[table["person"]] = table["generation"]
    invited = tree["inviter"] >= 0

    assert np.array_equal(tree["generation"][invited], generation[tree["inviter"][invited]] + 1)
    assert not tree["generation"][~invited].any()


def test_customers_who_come_by_themselves(world: Lived) -> None:
    strangers, alone = 0, 0
    customers = len(world.days[0].tables["registration"]["person"]) - len(world.days[0].truth["invite_tree"]["person"])
    for day in world.days:
        came_by = day.truth["invite_tree"]["came_by"]
        # Those who are invited come before on each day.
        strangers += world.world.setting.people - customers - int((came_by == CameBy.INVITATION).sum())
        alone += int((came_by == CameBy.THEMSELVES).sum())
        customers += len(came_by)

    assert FAST.come_by_themselves_a_day in poisson_mean(alone, strangers)


def test_customers_won_by_advertising(world: Lived) -> None:
    clicked, tree = world.true("advertised")["person"], world.true("invite_tree")
    won = tree["person"][tree["came_by"] == CameBy.ADVERTISING]

    assert np.isin(won, clicked).all()
    assert world.world.planted(Budget).registers in share(len(won), len(clicked))
