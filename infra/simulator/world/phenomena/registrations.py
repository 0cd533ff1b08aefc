"""How people become customers: invited by others in a branching process, by themselves, or by an advertisement.

Each new customer sends a Poisson number of invitations with mean `invitations`, each of which is taken up with
probability `accepted`: a Galton-Watson process whose mean offspring is their product. Both steps take their time, so
the newest invitations are open: nobody knows yet what comes of them.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from infra.simulator.world.day import HOUR, Column, Columns, Day, Postponed, chosen
from infra.simulator.world.phenomena.people import People
from infra.simulator.world.world import Phenomenon, World

Ints = NDArray[np.int32]


class CameBy(IntEnum):
    """Why somebody became a customer."""

    THEMSELVES = 0
    INVITATION = 1
    ADVERTISING = 2


@dataclass(frozen=True)
class Growth:
    """What is planted of growth; delays are medians of log-normal distributions."""

    customers_at_start: float = 0.6
    come_by_themselves_a_day: float = 0.003
    invitations: float = 3.0
    accepted: float = 0.2
    sent_after_hours: float = 20.0
    accepted_after_hours: float = 8.0
    sigma: float = 1.0


class Registrations(Phenomenon):
    """Who is a customer, invited by whom (-1: by nobody), in which generation.

    Who registers is a customer from the next day on, so that nobody comes before they have registered.
    """

    needs = (People,)

    def __init__(self, world: World, dice: np.random.Generator) -> None:
        super().__init__(world, dice)
        self.planted = planted = world.planted(Growth)
        self.people = world[People]
        count = self.people.count
        self.is_registered = dice.random(count) < planted.customers_at_start
        self.is_customer = self.is_registered.copy()
        self.inviter = np.full(count, -1, np.int32)
        self.generation = np.zeros(count, np.int16)
        self._sent, self._taken_up = Postponed(), Postponed()
        self._newcomers = np.zeros(0, np.int32)

    def happen(self, day: Day, dice: np.random.Generator) -> None:
        """Newcomers invite, some of the invited come, some others come by themselves."""
        self.is_customer = self.is_registered.copy()
        if day.number == 0:
            # Platforms tell of the accounts that are there on the first day.
            there = self.customers()
            self._tell(day, there)
            day.keep("customer_before", person=there, inviter=self.inviter[there], generation=self.generation[there])
        sent = self._sent.due(day, self._invite(day, dice))
        day.tell("invite", invite=sent["invite"], inviter=sent["inviter"], at_us=sent["at_us"])
        coming = self._taken_up.due(day, self._answers(sent, dice))
        invited = self._strangers(len(coming["inviter"]), dice)
        coming = chosen(coming, np.arange(len(invited)))
        self.inviter[invited] = coming["inviter"]
        self.generation[invited] = self.generation[coming["inviter"]] + 1
        self._register(day, invited, coming["at_us"], coming["invite"], CameBy.INVITATION)
        by_themselves = int(dice.poisson(self.planted.come_by_themselves_a_day * np.sum(~self.is_registered)))
        alone = self._strangers(by_themselves, dice)
        self._register(day, alone, self.people.moments(alone, day, dice), _none(len(alone)), CameBy.THEMSELVES)
        self._newcomers = np.concatenate([invited, alone])

    def customers(self) -> Ints:
        """Everybody who is a customer on this day."""
        return np.flatnonzero(self.is_customer).astype(np.int32)

    def win(self, day: Day, people: Ints, at_us: Column) -> None:
        """Others become customers on a day because of an advertisement."""
        self._register(day, people, at_us, _none(len(people)), CameBy.ADVERTISING)
        self._newcomers = np.concatenate([self._newcomers, people])

    def _invite(self, day: Day, dice: np.random.Generator) -> Columns:
        """What those who came the day before will send, at their moments."""
        counts = dice.poisson(self.planted.invitations, len(self._newcomers))
        inviter = np.repeat(self._newcomers, counts)
        hours = self.planted.sent_after_hours * np.exp(self.planted.sigma * dice.standard_normal(len(inviter)))
        at = day.begin_us + (hours * HOUR).astype(np.int64)
        return {"invite": day.identities(len(inviter)), "inviter": inviter, "at_us": at}

    def _answers(self, sent: Columns, dice: np.random.Generator) -> Columns:
        """The invitations that will be taken up, at the moments when they will."""
        rows = chosen(sent, dice.random(len(sent["at_us"])) < self.planted.accepted)
        median = self.planted.accepted_after_hours
        hours = median * np.exp(self.planted.sigma * dice.standard_normal(len(rows["at_us"])))
        return {**rows, "at_us": rows["at_us"] + (hours * HOUR).astype(np.int64)}

    def _strangers(self, count: int, dice: np.random.Generator) -> Ints:
        """Some people who have not registered yet; fewer where there are not so many left."""
        strangers = np.flatnonzero(~self.is_registered).astype(np.int32)
        return dice.choice(strangers, min(count, len(strangers)), replace=False)

    def _register(self, day: Day, people: Ints, at: Column, invite: Column, came_by: CameBy) -> None:
        self.is_registered[people] = True
        self._tell(day, people, at, invite)
        day.keep(
            "invite_tree",
            person=people,
            inviter=self.inviter[people],
            generation=self.generation[people],
            came_by=np.full(len(people), came_by, np.int8),
        )

    def _tell(self, day: Day, people: Ints, at: Column | None = None, invite: Column | None = None) -> None:
        count = len(people)
        at = np.full(count, day.begin_us, np.int64) if at is None else at
        day.tell("registration", person=people, at_us=at, invite=_none(count) if invite is None else invite)


def _none(count: int) -> NDArray[np.int64]:
    """No invitation for anybody."""
    return np.full(count, -1, np.int64)
