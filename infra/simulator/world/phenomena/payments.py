"""Payments and refunds: orders are paid within minutes or not at all; what disappoints is sent back days later."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from infra.simulator.world.day import DAY, SECOND, Column, Day, Postponed, chosen
from infra.simulator.world.phenomena.brushing import Brushing
from infra.simulator.world.phenomena.group_buys import GroupBuys
from infra.simulator.world.phenomena.products import Products
from infra.simulator.world.phenomena.purchases import Purchases
from infra.simulator.world.world import Phenomenon, World

METHODS: Final = ("wallet", "card", "credit")


@dataclass(frozen=True)
class Settlement:
    """What is planted of payments; a refund's log-odds fall by `quality_matters` with each unit of quality."""

    fails: float = 0.02
    methods: tuple[float, ...] = (0.70, 0.18, 0.12)
    paid_after_seconds: float = 60.0
    refund_log_odds: float = -2.6
    quality_matters: float = 0.6
    refunded_after_days: float = 4.0
    sigma: float = 0.5


class Payments(Phenomenon):
    """What was paid for every order of the day, and what is paid back line by line."""

    needs = (Products, Purchases, GroupBuys, Brushing)

    def __init__(self, world: World, dice: np.random.Generator) -> None:
        super().__init__(world, dice)
        self.planted, self.products = world.planted(Settlement), world[Products]
        self._later = Postponed()

    def happen(self, day: Day, dice: np.random.Generator) -> None:
        """Orders are paid, and some lines will be sent back."""
        orders = day.tables["order"]
        count = len(orders["order"])
        paid = dice.random(count) >= self.planted.fails
        seconds = dice.exponential(self.planted.paid_after_seconds, count) + 5
        at = orders["at_us"] + (seconds * SECOND).astype(np.int64)
        method = dice.choice(len(METHODS), count, p=self.planted.methods).astype(np.int8)
        told = {name: orders[name] for name in ("order", "person", "platform")}
        payment = day.identities(count)
        day.tell("payment", payment=payment, **told, amount_fen=orders["total_fen"], method=method, paid=paid, at_us=at)
        self._refund(day, paid, at, payment, dice)

    def _refund(self, day: Day, paid: Column, at: Column, payment: Column, dice: np.random.Generator) -> None:
        orders, lines = day.tables["order"], day.tables["order_line"]
        of_line = np.searchsorted(orders["order"], lines["order"])
        odds = self.planted.refund_log_odds - self.planted.quality_matters * self.products.quality[lines["product"]]
        back = dice.random(len(odds)) < 1 / (1 + np.exp(-odds))
        back &= paid[of_line] & ~np.isin(lines["order"], day.truth["brushed_order"]["order"])
        lines, of_line = chosen(lines, back), of_line[back]
        days = self.planted.refunded_after_days * np.exp(self.planted.sigma * dice.standard_normal(len(of_line)))
        rows = {
            "refund": day.identities(len(of_line)),
            "payment": payment[of_line],
            "order": lines["order"],
            "line": lines["line"],
            "product": lines["product"],
            "quantity": lines["quantity"],
            "unit_price_fen": lines["unit_price_fen"],
            "person": orders["person"][of_line],
            "platform": orders["platform"][of_line],
            "amount_fen": lines["unit_price_fen"] * lines["quantity"],
            "at_us": at[of_line] + (days * DAY).astype(np.int64),
        }
        day.tell("refund", **self._later.due(day, rows))
