"""Group buying: somebody opens a group for a product and asks friends; enough of them in time, and all get its price.

A Poisson number of friends is asked (or all there are): customers with an account in the shop. Each joins with
probability `joins`, after a log-normal time; a group that is not full before its time is over expires, and nobody pays.
"""

from dataclasses import dataclass

import numpy as np

from infra.simulator.world.day import HOUR, Column, Columns, Day, Postponed, chosen
from infra.simulator.world.phenomena.accounts import COMMUNITY, Accounts
from infra.simulator.world.phenomena.follows import Follows
from infra.simulator.world.phenomena.people import People
from infra.simulator.world.phenomena.products import Products
from infra.simulator.world.phenomena.purchases import Purchases
from infra.simulator.world.phenomena.registrations import Registrations
from infra.simulator.world.world import Phenomenon, World


@dataclass(frozen=True)
class Groups:
    """What is planted of groups; `sizes` are shares of groups that need 2, 3, 4 and 5 people."""

    opened_a_day: float = 0.01
    asked: float = 9.0
    joins: float = 0.40
    sizes: tuple[float, ...] = (0.95, 0.03, 0.015, 0.005)
    open_hours: float = 24.0
    joins_after_hours: float = 3.0
    sigma: float = 1.2
    discount: float = 0.2


class GroupBuys(Phenomenon):
    """Groups are told when they are opened, joined and closed; those that were filled become orders at that moment."""

    needs = (People, Products, Accounts, Follows, Registrations, Purchases)

    def __init__(self, world: World, dice: np.random.Generator) -> None:
        super().__init__(world, dice)
        self.planted = world.planted(Groups)
        self.people, self.products, self.accounts = world[People], world[Products], world[Accounts]
        self.follows, self.registrations, self.purchases = world[Follows], world[Registrations], world[Purchases]
        self._joins, self._ends = Postponed(), Postponed()

    def happen(self, day: Day, dice: np.random.Generator) -> None:
        """Groups are opened, people join, groups that are full or over are closed."""
        groups = self._opened(day, dice)
        asked, members, ends = self._course(groups, dice)
        day.tell("group_opened", **{name: groups[name] for name in ("group", "person", "product", "size", "at_us")})
        day.tell("group_joined", **self._joins.due(day, members))
        closed = self._ends.due(day, ends)
        day.tell("group_closed", **{name: closed[name] for name in ("group", "is_full", "at_us")})
        day.keep("group_asked", group=groups["group"], asked=asked)
        self._order(day, closed, dice)

    def _opened(self, day: Day, dice: np.random.Generator) -> Columns:
        rate = self.planted.opened_a_day * self.people.activity * self.registrations.is_customer
        rate = rate * self.accounts.has[:, COMMUNITY]
        person = np.flatnonzero(dice.random(self.people.count) < rate).astype(np.int32)
        return {
            "group": day.identities(len(person)),
            "person": person,
            "product": self.products.choose(self.people.favourite[person], dice),
            "size": (2 + dice.choice(len(self.planted.sizes), len(person), p=self.planted.sizes)).astype(np.int32),
            "at_us": self.people.moments(person, day, dice),
        }

    def _course(self, groups: Columns, dice: np.random.Generator) -> tuple[Column, Columns, Columns]:
        """How many were asked, who joins when (no more than are needed), and when and how each group ends."""
        count = len(groups["group"])
        origin, friend = self._asked(groups["person"], dice)
        asked = np.bincount(origin, minlength=count)
        hours = self.planted.joins_after_hours * np.exp(self.planted.sigma * dice.standard_normal(len(origin)))
        joins = (dice.random(len(origin)) < self.planted.joins) & (hours < self.planted.open_hours)
        origin, hours, friend = origin[joins], hours[joins], friend[joins]
        order = np.lexsort((hours, origin))
        origin, hours, friend = origin[order], hours[order], friend[order]
        begins = np.searchsorted(origin, np.arange(count))
        rank = np.arange(len(origin)) - begins[origin]
        taken = rank < groups["size"][origin] - 1
        is_full = np.bincount(origin, minlength=count) >= groups["size"] - 1
        at = groups["at_us"][origin] + (hours * HOUR).astype(np.int64)
        members = {"group": groups["group"][origin], "person": friend, "at_us": at}
        ends_at = groups["at_us"] + int(self.planted.open_hours * HOUR)
        last = taken & (rank == groups["size"][origin] - 2)
        ends_at[origin[last]] = at[last]
        ends = {**groups, "is_full": is_full, "at_us": ends_at}
        return asked, chosen(members, taken), {**ends, "friends": _lists(origin[taken], friend[taken], count)}

    def _asked(self, openers: Column, dice: np.random.Generator) -> tuple[Column, Column]:
        """Friends who are asked, none twice by the same opener: the position of the opener, and who."""
        origin, friend = self.follows.followed_by.expand(openers)
        can_join = self.registrations.is_customer[friend] & self.accounts.has[friend, COMMUNITY]
        origin, friend = origin[can_join], friend[can_join]
        shuffled = np.lexsort((dice.random(len(origin)), origin))
        origin, friend = origin[shuffled], friend[shuffled]
        rank = np.arange(len(origin)) - np.searchsorted(origin, np.arange(len(openers)))[origin]
        asked = rank < dice.poisson(self.planted.asked, len(openers))[origin]
        return origin[asked], friend[asked]

    def _order(self, day: Day, closed: Columns, dice: np.random.Generator) -> None:
        full = chosen(closed, closed["is_full"])
        size = full["size"]
        origin = np.repeat(np.arange(len(size)), size)
        first = np.concatenate([[0], np.cumsum(size)[:-1]]).astype(np.int64) if len(size) else np.zeros(0, np.int64)
        person = full["friends"][origin, np.maximum(np.arange(len(origin)) - first[origin] - 1, 0)]
        person = np.where(np.arange(len(origin)) == first[origin], full["person"][origin], person).astype(np.int32)
        ones, factor = np.ones(len(person), np.int64), np.full(len(person), 1 - self.planted.discount)
        platform = np.full(len(person), COMMUNITY, np.int8)
        products = full["product"][origin]
        at = full["at_us"][origin]
        self.purchases.add_orders(day, person, platform, at, ones, products, factor, dice, group=full["group"][origin])


def _lists(origin: Column, values: Column, count: int, width: int = 4) -> Column:
    """The values of each origin side by side, filled up with -1."""
    found = np.full((count, width), -1, np.int32)
    begins = np.searchsorted(origin, np.arange(count))
    found[origin, np.arange(len(origin)) - begins[origin]] = values
    return found
