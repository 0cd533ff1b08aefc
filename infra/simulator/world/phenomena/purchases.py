"""Purchases: every visit ends in a decision by price, quality, reputation and emotion, each with its planted weight.

P(buy) = 1 / (1 + exp(-(a_channel + w1 price + w2 quality + w3 reputation + w4 emotion))), a logit choice (McFadden
1974); weights are those of the visitor's age band, `a_channel` is set at the beginning so that channels sell as the
reference says. Scores are in units of their spread: price is the logarithm of list price over what is asked, coupon
included, reputation what ratings say, emotion the appeal of the post or the product.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from infra.simulator.world.channels import Channel, Mix
from infra.simulator.world.day import SECOND, Column, Columns, Day, chosen
from infra.simulator.world.phenomena.coupons import Coupons
from infra.simulator.world.phenomena.discovery import Discovery
from infra.simulator.world.phenomena.people import SCORES, People
from infra.simulator.world.phenomena.products import Products
from infra.simulator.world.phenomena.reputation import Reputation
from infra.simulator.world.world import Phenomenon, World

Scores = NDArray[np.float64]
DRAWS: Final = 20_000


@dataclass(frozen=True)
class Decision:
    """What is planted of decisions beside people's weights, each of which a factor of 0 switches off."""

    price: float = 1.0
    quality: float = 1.0
    reputation: float = 1.0
    emotion: float = 1.0
    price_unit: float = 0.15
    more_lines: float = 0.45
    more_pieces: float = 0.25
    decided_within_seconds: float = 240.0


class Purchases(Phenomenon):
    """The decisions of the day and what was ordered; `orders` counts those given out, for others who order too."""

    needs = (People, Products, Reputation, Coupons, Discovery)

    def __init__(self, world: World, dice: np.random.Generator) -> None:
        super().__init__(world, dice)
        self.planted, self.mix = world.planted(Decision), world.planted(Mix)
        self.people, self.products = world[People], world[Products]
        self.reputation, self.coupons, self.discovery = world[Reputation], world[Coupons], world[Discovery]
        self.orders = 0
        self.intercepts = self._set_to_mix(dice)

    def given(self) -> Mapping[str, Columns]:
        """What each channel adds to the log-odds of buying, and how often its cause makes somebody come."""
        channel = np.arange(len(Channel), dtype=np.int8)
        return {"channel": {"channel": channel, "intercept": self.intercepts, "rate": self.discovery.rates()}}

    def happen(self, day: Day, dice: np.random.Generator) -> None:
        """Everybody who looked decides; who buys orders the product, and often more of the kind."""
        visits = self.discovery.visits
        coupon = self.coupons.valid(visits["person"], visits["at_us"], visits["platform"])
        product, off = visits["product"], np.where(coupon >= 0, 1 - self.coupons.planted.discount, 1.0)
        asked = self.products.price_fen[product] * off / self.products.list_price_fen[product]
        scores = self._scores(visits, asked)
        utility = self._utility(visits["person"], scores)
        chance = _logistic(self.intercepts[visits["channel"]] + utility)
        bought = dice.random(len(chance)) < chance
        told = {name: scores[:, index].astype(np.float32) for index, name in enumerate(SCORES)}
        who = {"visit": visits["visit"], "person": visits["person"], "channel": visits["channel"]}
        day.keep("decision", **who, band=self.people.band[visits["person"]], **told, bought=bought)
        self.orders = 0
        self._order(day, chosen(visits, bought), coupon[bought], dice)

    def _scores(self, visits: Columns, asked: Scores) -> Scores:
        """What is weighed in each visit; `asked` is what the product costs as a share of its list price."""
        product, price = visits["product"], -np.log(asked)
        quality, reputation = self.products.quality[product], self.reputation.scores[product]
        return np.column_stack([price / self.planted.price_unit, quality, reputation, visits["emotion"]])

    def _utility(self, person: Column, scores: Scores) -> Scores:
        factors = np.array([getattr(self.planted, name) for name in SCORES])
        utility: Scores = (scores * self.people.weights[person] * factors).sum(axis=1)
        return utility

    def _set_to_mix(self, dice: np.random.Generator) -> Scores:
        """Intercepts with which visits of each channel, made up at random, are bought from as often as planted.

        They are visits of any day, so each has a price of its own; nobody has a coupon.
        """
        person = dice.choice(self.people.count, DRAWS, p=self.people.activity / self.people.activity.sum())
        product = self.products.choose(self.people.favourite[person], dice)
        made_up: dict[str, Column] = {"person": person, "product": product}
        asked = 1 - self.products.discounts(DRAWS, dice)
        appeal, of_post = self.products.appeal[product], dice.standard_normal(DRAWS).astype(np.float32)
        found = []
        for channel, wanted in zip(Channel, self.mix.conversions(), strict=True):
            emotion = of_post if channel in {Channel.CREATOR, Channel.COMMUNITY} else appeal
            scores = self._scores({**made_up, "emotion": emotion}, asked)
            found.append(_intercept(self._utility(person, scores), wanted))
        return np.array(found)

    def _order(self, day: Day, visits: Columns, coupon: NDArray[np.int64], dice: np.random.Generator) -> None:
        person = visits["person"]
        # A coupon is spent once: by the first order of its holder.
        _, first = np.unique(coupon, return_index=True)
        spent = np.isin(np.arange(len(coupon)), first) & (coupon >= 0)
        coupon = np.where(spent, coupon, -1)
        self.coupons.spend(person[spent])
        at = visits["at_us"] + self.until_decided(len(person), dice)
        more = dice.geometric(1 - self.planted.more_lines, len(person)) - 1
        products = self._basket(visits["product"], more, dice)
        off = np.where(coupon >= 0, 1 - self.coupons.planted.discount, 1.0)
        platform, visit = visits["platform"], visits["visit"]
        order = self.add_orders(day, person, platform, at, more + 1, products, off, dice, visit=visit)
        day.tell("coupon_redeemed", coupon=coupon[spent], person=person[spent], order=order[spent], at_us=at[spent])

    def until_decided(self, count: int, dice: np.random.Generator) -> NDArray[np.int64]:
        """From the beginning of each visit to its order, in microseconds."""
        seconds = dice.exponential(self.planted.decided_within_seconds, count) + 30
        return (seconds * SECOND).astype(np.int64)

    def _basket(self, looked_at: Column, more: Column, dice: np.random.Generator) -> Column:
        """The products of every line, order by order: what was looked at first, then others of its kind."""
        origin = np.repeat(np.arange(len(more)), more + 1)
        is_first = np.concatenate([[True], origin[1:] != origin[:-1]]) if len(origin) else np.zeros(0, np.bool_)
        others = self.products.choose(self.products.category[looked_at[origin]], dice)
        return np.where(is_first, looked_at[origin], others)

    def add_orders(
        self,
        day: Day,
        person: Column,
        platform: Column,
        at_us: Column,
        lines: Column,
        products: Column,
        price_factor: Column,
        dice: np.random.Generator,
        visit: Column | int = -1,
        group: Column | int = -1,
    ) -> NDArray[np.int64]:
        """Add orders with so many lines each, of `products` one after another; returns their numbers.

        Lines of an order are numbered from 1; how many further pieces of each are ordered goes by what a person spends.
        """
        order = day.identities(len(person), self.orders)
        self.orders += len(person)
        origin = np.repeat(np.arange(len(person)), lines)
        further = self.planted.more_pieces / (1 - self.planted.more_pieces) * self.people.spending[person[origin]]
        quantity = dice.geometric(1 / (1 + further)).astype(np.int32)
        unit = np.round(self.products.price_fen[products] * price_factor[origin]).astype(np.int64)
        total = np.bincount(origin, weights=unit * quantity, minlength=len(person)).astype(np.int64)
        everyone = len(person)
        day.tell(
            "order",
            order=order,
            person=person,
            platform=platform,
            at_us=at_us,
            total_fen=total,
            visit=np.broadcast_to(np.asarray(visit, np.int64), everyone),
            group=np.broadcast_to(np.asarray(group, np.int64), everyone),
        )
        line = (np.arange(len(origin)) - np.searchsorted(origin, origin) + 1).astype(np.int32)
        what = {"product": products, "quantity": quantity, "unit_price_fen": unit}
        day.tell("order_line", order=order[origin], line=line, **what)
        return order


def _logistic(x: Scores) -> Scores:
    return 1 / (1 + np.exp(-x))


def _intercept(utility: Scores, wanted: float) -> float:
    """The intercept with which the mean of the choice probabilities is `wanted`, by bisection."""
    low, high = -20.0, 20.0
    for _ in range(50 if len(utility) and wanted else 0):
        middle = (low + high) / 2
        low, high = (middle, high) if _logistic(middle + utility).mean() < wanted else (low, middle)
    return low
