"""Memberships: which neighbourhood group of the community shop a customer is in.

Most who join are in the group of the community they live in, some in another one; who moves changes the group. So
memberships say something of communities, but not all.
"""

from dataclasses import dataclass

import numpy as np

from infra.simulator.world.day import SECOND, Column, Day
from infra.simulator.world.phenomena.accounts import COMMUNITY, Accounts
from infra.simulator.world.phenomena.follows import Follows
from infra.simulator.world.phenomena.people import People
from infra.simulator.world.phenomena.registrations import Registrations
from infra.simulator.world.world import Phenomenon, World


@dataclass(frozen=True)
class Neighbourhood:
    """What is planted of memberships; `elsewhere` is the share of members who are in a group of another community."""

    joins: float = 0.6
    elsewhere: float = 0.1
    joins_after_seconds: float = 300.0


class Memberships(Phenomenon):
    """The group of everybody, -1 for none; groups are numbered in another order than communities."""

    needs = (People, Accounts, Follows, Registrations)

    def __init__(self, world: World, dice: np.random.Generator) -> None:
        super().__init__(world, dice)
        self.planted = world.planted(Neighbourhood)
        self.people, self.accounts, self.follows = world[People], world[Accounts], world[Follows]
        self._groups = dice.permutation(self.follows.communities).astype(np.int32)
        self._community = self.follows.community.copy()
        self.group = np.full(self.people.count, -1, np.int32)

    def happen(self, day: Day, dice: np.random.Generator) -> None:
        """Some of those who register join a group, those who moved go to another one."""
        movers = np.flatnonzero((self.follows.community != self._community) & (self.group >= 0)).astype(np.int32)
        self._community = self.follows.community.copy()
        moved_at = self.people.moments(movers, day, dice)
        self._tell(day, movers, moved_at, joins=False)
        self.group[movers] = self._groups[self._community[movers]]
        self._tell(day, movers, moved_at + SECOND, joins=True)
        if day.number < 0:
            # Who is a customer when the first day begins is told of on it.
            return
        came = day.tables["registration"]
        joins = self.accounts.has[came["person"], COMMUNITY] & (dice.random(len(came["person"])) < self.planted.joins)
        people = came["person"][joins]
        seconds = dice.exponential(self.planted.joins_after_seconds, len(people)) + 1
        anywhere = self._groups[dice.integers(0, len(self._groups), len(people))]
        is_elsewhere = dice.random(len(people)) < self.planted.elsewhere
        self.group[people] = np.where(is_elsewhere, anywhere, self._groups[self._community[people]])
        self._tell(day, people, came["at_us"][joins] + (seconds * SECOND).astype(np.int64), joins=True)

    def _tell(self, day: Day, people: Column, at_us: Column, *, joins: bool) -> None:
        is_member = np.full(len(people), joins, np.bool_)
        day.tell("membership", person=people, group=self.group[people], joins=is_member, at_us=at_us)
