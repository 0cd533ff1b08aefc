"""Brushing: a ring of hired accounts places orders and gives five stars, so that products look better than they are.

Every member buys every product of the ring some time, within days of the others: a dense block of co-reviews. What
it does to reputation is caused: others see the ratings and buy more.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from infra.simulator.world.day import DAY, Column, Columns, Day, Postponed
from infra.simulator.world.phenomena.accounts import COMMUNITY, Accounts
from infra.simulator.world.phenomena.people import People
from infra.simulator.world.phenomena.products import Products
from infra.simulator.world.phenomena.purchases import Purchases
from infra.simulator.world.phenomena.registrations import Registrations
from infra.simulator.world.phenomena.reputation import Reputation
from infra.simulator.world.world import Phenomenon, World


@dataclass(frozen=True)
class Ring:
    """What is planted of the ring; `orders_a_day` 0 dissolves it."""

    members_share: float = 0.003
    fewest: int = 12
    products: int = 8
    orders_a_day: float = 1.2
    reviewed_after_hours: float = 20.0
    five_stars: float = 0.97


class Brushing(Phenomenon):
    """The ring's members and products, its orders and its reviews."""

    needs = (People, Products, Accounts, Registrations, Reputation, Purchases)

    def __init__(self, world: World, dice: np.random.Generator) -> None:
        super().__init__(world, dice)
        self.planted = planted = world.planted(Ring)
        self.people, self.products, self.accounts = world[People], world[Products], world[Accounts]
        self.purchases, self.reputation = world[Purchases], world[Reputation]
        count = max(planted.fewest, int(self.people.count * planted.members_share))
        # They order from the first day on, so they are customers of the shop by then.
        can_order = world[Registrations].is_customer & self.accounts.has[:, COMMUNITY]
        hired = np.flatnonzero(can_order).astype(np.int32)
        self.members = dice.choice(hired, min(count, len(hired)), replace=False)
        # Bad products are brushed: good ones need not be.
        worst = np.argsort(self.products.quality, kind="stable")[: 4 * planted.products]
        self.ring_products = dice.choice(worst, planted.products, replace=False).astype(np.int32)
        self._reviews = Postponed()

    def given(self) -> Mapping[str, Columns]:
        """The ring."""
        return {"ring_member": {"person": self.members}, "ring_product": {"product": self.ring_products}}

    def happen(self, day: Day, dice: np.random.Generator) -> None:
        """Members order, and review what they ordered before."""
        counts = dice.poisson(self.planted.orders_a_day, len(self.members))
        person = np.repeat(self.members, counts)
        product = self.ring_products[dice.integers(0, len(self.ring_products), len(person))]
        at = self.people.moments(person, day, dice)
        platform = np.full(len(person), COMMUNITY, np.int8)
        ones = np.ones(len(person), np.int64)
        order = self.purchases.add_orders(day, person, platform, at, ones, product, ones.astype(np.float64), dice)
        day.keep("brushed_order", order=order, person=person)
        rating = np.where(dice.random(len(person)) < self.planted.five_stars, 5, 4).astype(np.int8)
        hours = dice.exponential(self.planted.reviewed_after_hours, len(person))
        reviews: dict[str, Column] = {
            "order": order,
            "person": person,
            "product": product,
            "platform": platform,
            "rating": rating,
        }
        due = self._reviews.due(day, {**reviews, "at_us": at + (hours / 24 * DAY).astype(np.int64)})
        self.reputation.add(due["product"], due["rating"])
        day.tell("review", **due)
        day.keep("brushed_review", order=due["order"], person=due["person"])
