"""Products: what they cost, how good they are, how they appeal, and what today's price is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from infra.simulator.world.day import Column, Columns, Day
from infra.simulator.world.world import Phenomenon, World

CATEGORIES: Final = ("food", "home", "beauty", "fashion", "baby", "sport", "digital", "books")


@dataclass(frozen=True)
class Range:
    """What is planted of products: how many for a thousand people, and how often a price is lowered."""

    products_per_thousand_people: float = 40.0
    fewest: int = 200
    merchants_per_product: float = 0.1
    popularity_exponent: float = 0.9
    median_price_cny: float = 45.0
    price_sigma: float = 0.8
    promotion_share: float = 0.15
    largest_discount: float = 0.4


class Products(Phenomenon):
    """Everything on sale; product is the row number, prices are in fen."""

    def __init__(self, world: World, dice: np.random.Generator) -> None:
        super().__init__(world, dice)
        self.planted = planted = world.planted(Range)
        count = max(planted.fewest, int(world.setting.people / 1000 * planted.products_per_thousand_people))
        self.category = dice.choice(len(CATEGORIES), count).astype(np.int8)
        self.merchant = dice.integers(0, max(3, int(count * planted.merchants_per_product)), count).astype(np.int32)
        price = planted.median_price_cny * np.exp(planted.price_sigma * dice.standard_normal(count))
        self.list_price_fen = np.maximum(100, np.round(price * 100, -1)).astype(np.int64)
        self.quality = dice.standard_normal(count).astype(np.float32)
        self.appeal = dice.standard_normal(count).astype(np.float32)
        rank = dice.permutation(count) + 1
        self.popularity = rank**-planted.popularity_exponent
        self.price_fen = self._lowered(dice)
        self._by_category = [np.flatnonzero(self.category == c).astype(np.int32) for c in range(len(CATEGORIES))]
        self._cumulated = [np.cumsum(self.popularity[own]) for own in self._by_category]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.category)

    def choose(self, categories: NDArray[np.int8], dice: np.random.Generator) -> NDArray[np.int32]:
        """A product of each category asked for, popular ones more often."""
        chosen = np.zeros(len(categories), np.int32)
        draws = dice.random(len(categories))
        for category, own in enumerate(self._by_category):
            asked = categories == category
            cumulated = self._cumulated[category]
            chosen[asked] = own[np.searchsorted(cumulated, draws[asked] * cumulated[-1])]
        return chosen

    def given(self) -> Mapping[str, Columns]:
        """How good products are and how they appeal."""
        what: dict[str, Column] = {
            "product": np.arange(self.count, dtype=np.int32),
            "category": self.category,
            "merchant": self.merchant,
        }
        return {"product": {**what, "quality": self.quality, "appeal": self.appeal, "popularity": self.popularity}}

    def happen(self, day: Day, dice: np.random.Generator) -> None:
        """Some prices are lowered for the day."""
        self.price_fen = self._lowered(dice)
        products = np.arange(self.count, dtype=np.int32)
        day.tell("price", product=products, list_price_fen=self.list_price_fen, price_fen=self.price_fen)

    def discounts(self, count: int, dice: np.random.Generator) -> NDArray[np.float64]:
        """By which share so many prices are lowered on some day, most of them not at all."""
        lowered = dice.random(count) < self.planted.promotion_share
        return np.where(lowered, dice.uniform(0.05, self.planted.largest_discount, count), 0.0)

    def _lowered(self, dice: np.random.Generator) -> NDArray[np.int64]:
        discount = self.discounts(self.count, dice)
        lowered_fen: NDArray[np.int64] = np.round(self.list_price_fen * (1 - discount), -1).astype(np.int64)
        return lowered_fen
