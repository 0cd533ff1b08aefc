"""Brushing: rings of hired accounts place orders and give five stars, so that products look better than they are.

Every member buys every product of its ring some time, within days of the others: a dense block of co-reviews. A few
rings are large and most are small (Zipf: the second half as large as the first, the third a third). They search, look
and check out as others do, so no single step gives them away. What it does to reputation is caused: others see the
ratings and buy more.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from infra.simulator.world.day import DAY, Column, Columns, Day, Postponed
from infra.simulator.world.phenomena.accounts import COMMUNITY, Accounts
from infra.simulator.world.phenomena.discovery import Discovery
from infra.simulator.world.phenomena.people import People
from infra.simulator.world.phenomena.products import Products
from infra.simulator.world.phenomena.purchases import Purchases
from infra.simulator.world.phenomena.registrations import Registrations
from infra.simulator.world.phenomena.reputation import Reputation
from infra.simulator.world.world import Phenomenon, World


@dataclass(frozen=True)
class Ring:
    """What is planted of rings; `orders_a_day` of a member, 0 dissolves them; `products` of each ring."""

    members_share: float = 0.003
    fewest: int = 12
    members_per_ring: int = 24
    products: int = 8
    orders_a_day: float = 0.8
    reviewed_after_hours: float = 20.0
    five_stars: float = 0.97


class Brushing(Phenomenon):
    """Members and products of the rings, their visits, orders and reviews; `ring_of` is by member.

    `visits` are those of the day on which members order, numbered on from all others.
    """

    needs = (People, Products, Accounts, Registrations, Reputation, Discovery, Purchases)

    def __init__(self, world: World, dice: np.random.Generator) -> None:
        super().__init__(world, dice)
        self.planted = planted = world.planted(Ring)
        self.people, self.products, self.accounts = world[People], world[Products], world[Accounts]
        self.purchases, self.reputation, self.discovery = world[Purchases], world[Reputation], world[Discovery]
        self.visits: Columns = {}
        count = max(planted.fewest, int(self.people.count * planted.members_share))
        # They order from the first day on, so they are customers of the shop by then.
        can_order = world[Registrations].is_customer & self.accounts.has[:, COMMUNITY]
        hired = np.flatnonzero(can_order).astype(np.int32)
        self.members = dice.choice(hired, min(count, len(hired)), replace=False)
        # Bad products are brushed: good ones need not be.
        worst = np.argsort(self.products.quality, kind="stable")[: self.products.count // 2]
        rings = max(1, min(count // planted.members_per_ring, len(worst) // (4 * planted.products)))
        brushed = dice.choice(worst[: 4 * planted.products * rings], planted.products * rings, replace=False)
        self.ring_products = brushed.astype(np.int32).reshape(rings, planted.products)
        share = np.cumsum(1 / np.arange(1, rings + 1))
        places = (np.arange(len(self.members)) + 0.5) / len(self.members)
        self.ring_of = np.searchsorted(share / share[-1], places).astype(np.int32)
        self._reviews = Postponed()

    def given(self) -> Mapping[str, Columns]:
        """The rings."""
        rings, products = self.ring_products.shape
        return {
            "ring_member": {"person": self.members, "ring": self.ring_of},
            "ring_product": {
                "product": self.ring_products.ravel(),
                "ring": np.repeat(np.arange(rings, dtype=np.int32), products),
            },
        }

    def happen(self, day: Day, dice: np.random.Generator) -> None:
        """Members order, and review what they ordered before."""
        counts = dice.poisson(self.planted.orders_a_day, len(self.members))
        person, ring = np.repeat(self.members, counts), np.repeat(self.ring_of, counts)
        product = self.ring_products[ring, dice.integers(0, self.planted.products, len(person))]
        self.visits = visits = self.discovery.of_hired(
            day, person, product, self.people.moments(person, day, dice), dice
        )
        day.tell("visit", **visits)
        person, product, platform, visit = (visits[name] for name in ("person", "product", "platform", "visit"))
        at = visits["at_us"] + self.purchases.until_decided(len(person), dice)
        ones = np.ones(len(person), np.int64)
        factor = ones.astype(np.float64)
        order = self.purchases.add_orders(day, person, platform, at, ones, product, factor, dice, visit=visit)
        day.keep("brushed_order", order=order, person=person, visit=visit)
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
