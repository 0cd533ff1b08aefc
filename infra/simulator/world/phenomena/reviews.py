"""Reviews: some days after an order some buyers rate what they got, by how good it is and how they felt about it."""

from dataclasses import dataclass

import numpy as np

from infra.simulator.world.day import DAY, Day, Postponed, chosen
from infra.simulator.world.phenomena.brushing import Brushing
from infra.simulator.world.phenomena.group_buys import GroupBuys
from infra.simulator.world.phenomena.payments import Payments
from infra.simulator.world.phenomena.products import Products
from infra.simulator.world.phenomena.purchases import Purchases
from infra.simulator.world.phenomena.reputation import Reputation
from infra.simulator.world.world import Phenomenon, World


@dataclass(frozen=True)
class Ratings:
    """What is planted of honest reviews; a rating is the mean and what quality adds, with noise, rounded to stars."""

    share: float = 0.25
    after_days: float = 3.0
    sigma: float = 0.6
    mean: float = 3.95
    quality: float = 0.5
    noise: float = 1.15


class Reviews(Phenomenon):
    """Honest reviews; those of the ring are its own."""

    needs = (Products, Reputation, Purchases, GroupBuys, Brushing, Payments)

    def __init__(self, world: World, dice: np.random.Generator) -> None:
        super().__init__(world, dice)
        self.planted = world.planted(Ratings)
        self.products, self.reputation = world[Products], world[Reputation]
        self._later = Postponed()

    def happen(self, day: Day, dice: np.random.Generator) -> None:
        """Some of the buyers will review, others do now."""
        orders, lines = day.tables["order"], day.tables["order_line"]
        of_line = np.searchsorted(orders["order"], lines["order"])
        brushed = np.isin(lines["order"], day.truth["brushed_order"]["order"])
        # A payment stands for each order; what was not paid was not sent.
        can_review = ~brushed & day.tables["payment"]["paid"][of_line]
        reviewing = can_review & (dice.random(len(brushed)) < self.planted.share)
        orders, lines = chosen(orders, of_line[reviewing]), chosen(lines, reviewing)
        count = len(lines["product"])
        felt = self.planted.mean + self.planted.quality * self.products.quality[lines["product"]]
        rating = np.clip(np.round(felt + self.planted.noise * dice.standard_normal(count)), 1, 5).astype(np.int8)
        days = self.planted.after_days * np.exp(self.planted.sigma * dice.standard_normal(count))
        who = {"order": lines["order"], "person": orders["person"], "product": lines["product"]}
        rows = {**who, "platform": orders["platform"], "rating": rating}
        due = self._later.due(day, {**rows, "at_us": orders["at_us"] + (days * DAY).astype(np.int64)})
        self.reputation.add(due["product"], due["rating"])
        day.tell("review", **due)
