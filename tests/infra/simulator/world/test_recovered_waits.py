"""Waits of hours and days are recovered, though those that are not over when the last day ends are not told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest

from infra.simulator.world.day import DAY, HOUR, Column, Day
from infra.simulator.world.phenomena.brushing import Ring
from infra.simulator.world.phenomena.payments import Settlement
from infra.simulator.world.phenomena.registrations import Growth
from infra.simulator.world.phenomena.reviews import Ratings
from tests.infra.simulator.world.conftest import Lived, lived
from tests.infra.simulator.world.estimators import exponential_wait, log_normal_wait, normal, rows_of

MORE_NEWCOMERS = replace(Growth(), come_by_themselves_a_day=0.01)


@pytest.fixture(scope="module")
def world() -> Lived:
    return lived(people=20_000, days=20, seed=1, planted=(MORE_NEWCOMERS,))


@dataclass(frozen=True)
class Waits:
    """When each wait that is known began and ended."""

    begun_us: Column
    ended_us: Column

    def hours(self, days: Sequence[Day]) -> tuple[Column, Column]:
        """How long each was that was over within some days, and how long it could have been to be over by then."""
        until_us = days[-1].end_us
        seen = self.ended_us < until_us
        return (self.ended_us - self.begun_us)[seen] / HOUR, (until_us - self.begun_us)[seen] / HOUR


def since(world: Lived, cause: str, key: str, keys: Column, ended_us: Column) -> Waits:
    """From rows of a table to what came of them; what came of rows before the first day does not count."""
    causes = world.told(cause)
    order = np.argsort(causes[key])
    numbers, begun_us = causes[key][order], causes["at_us"][order]
    known = np.isin(keys, numbers)
    return Waits(begun_us[rows_of(keys[known], numbers)], ended_us[known])


def until_invitations_are_sent(world: Lived) -> Waits:
    """From the end of the day on which somebody registered to each invitation."""
    day_end_us = np.full(world.world.setting.people, -1, np.int64)
    for day in world.days:
        day_end_us[day.truth["invite_tree"]["person"]] = day.end_us
    invites = world.told("invite")
    begun_us = day_end_us[invites["inviter"]]
    return Waits(begun_us[begun_us >= 0], invites["at_us"][begun_us >= 0])


def until_invitations_are_accepted(world: Lived) -> Waits:
    registered = world.told("registration")
    return since(world, "invite", "invite", registered["invite"], registered["at_us"])


def until_lines_are_sent_back(world: Lived) -> Waits:
    refunds = world.told("refund")
    return since(world, "payment", "payment", refunds["payment"], refunds["at_us"])


def until_reviewed(world: Lived, *, by_rings: bool) -> Waits:
    reviews = world.told("review")
    of_rings = np.isin(reviews["order"], world.true("brushed_review")["order"]) == by_rings
    return since(world, "order", "order", reviews["order"][of_rings], reviews["at_us"][of_rings])


def until_buyers_review(world: Lived) -> Waits:
    return until_reviewed(world, by_rings=False)


LOG_NORMAL: dict[str, tuple[type, str, float, Callable[[Lived], Waits]]] = {
    "invitations": (Growth, "sent_after_hours", 1.0, until_invitations_are_sent),
    "acceptance": (Growth, "accepted_after_hours", 1.0, until_invitations_are_accepted),
    "refunds": (Settlement, "refunded_after_days", DAY / HOUR, until_lines_are_sent_back),
    "reviews": (Ratings, "after_days", DAY / HOUR, until_buyers_review),
}
"""Where each wait is planted, under which name and in units of how many hours, and how it is seen."""


@pytest.mark.parametrize("name", LOG_NORMAL)
def test_median_and_spread_of_waits_that_the_last_day_cuts_off(world: Lived, name: str) -> None:
    kind, field, unit, waits = LOG_NORMAL[name]
    planted = world.world.planted(kind)

    median, sigma = log_normal_wait(*waits(world).hours(world.days))

    assert getattr(planted, field) * unit in median
    assert planted.sigma in sigma


def test_mean_wait_of_rings_until_they_review(world: Lived) -> None:
    hours, seen_within = until_reviewed(world, by_rings=True).hours(world.days)

    assert world.world.planted(Ring).reviewed_after_hours in exponential_wait(hours, seen_within, 200.0)


def test_what_the_last_day_cuts_off_is_made_up_for(world: Lived) -> None:
    planted_hours = world.world.planted(Settlement).refunded_after_days * DAY / HOUR
    # Of fewer days more is cut off: what is told is what came soon.
    hours, seen_within = until_lines_are_sent_back(world).hours(world.days[:8])

    as_if_all_were_told = normal(float(np.log(hours).mean()), float(np.log(hours).std() / np.sqrt(len(hours))))

    assert np.log(planted_hours) not in as_if_all_were_told
    assert planted_hours in log_normal_wait(hours, seen_within)[0]
