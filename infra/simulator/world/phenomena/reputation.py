"""What is said of products: the mean of their ratings, drawn to a common mean while there are few."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from infra.simulator.world.day import Column, Day
from infra.simulator.world.phenomena.products import Products
from infra.simulator.world.world import Phenomenon, World


@dataclass(frozen=True)
class Prior:
    """What a product without ratings is taken for: so many ratings of that mean."""

    ratings: float = 5.0
    mean: float = 4.2
    spread: float = 0.4


class Reputation(Phenomenon):
    """Sums and numbers of ratings by product; reviews add to them."""

    needs = (Products,)

    def __init__(self, world: World, dice: np.random.Generator) -> None:
        super().__init__(world, dice)
        self.planted = planted = world.planted(Prior)
        products = world[Products]
        # Products were rated before the first day, by how good they are.
        self.ratings = dice.poisson(20 * products.popularity / products.popularity.mean()).astype(np.float64)
        rated = planted.mean + planted.spread * products.quality
        self.sums = self.ratings * np.clip(rated, 1, 5)

    @property
    def scores(self) -> NDArray[np.float32]:
        """The reputation of every product, in spreads from the common mean."""
        planted = self.planted
        mean = (self.sums + planted.mean * planted.ratings) / (self.ratings + planted.ratings)
        scores: NDArray[np.float32] = ((mean - planted.mean) / planted.spread).astype(np.float32)
        return scores

    def add(self, products: Column, ratings: Column) -> None:
        """Take in new ratings."""
        np.add.at(self.ratings, products, 1)
        np.add.at(self.sums, products, ratings)

    def happen(self, day: Day, dice: np.random.Generator) -> None:
        """What people say is told by `Reviews` and `Brushing`."""
