"""Who sells what, by names that the shops and the payment service share."""

from infra.simulator.world.day import Column
from infra.simulator.world.phenomena.products import Products
from infra.simulator.world.streams import Streams
from infra.simulator.world.world import World


class Merchants:
    """The merchants of a world; columns in, a text for each row out."""

    def __init__(self, world: World) -> None:
        self._of_product = world[Products].merchant
        self.count = int(self._of_product.max()) + 1
        self._numbers = Streams(world.setting.seed).of("names", "merchants").permutation(self.count)

    def of(self, products: Column) -> Column:
        """The merchant of each product, as the world counts them."""
        return self._of_product[products]

    def called(self, merchants: Column) -> list[str]:
        """What merchants are called."""
        return [f"M{number:06d}" for number in self._numbers[merchants].tolist()]
