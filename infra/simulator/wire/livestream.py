"""What happens in the shop of platform B, as its interface tells it: what people do, order, send back and say of it."""

from collections.abc import Iterator

import numpy as np

from infra.simulator.wire.activities import Activities, line_counts, numbered
from infra.simulator.wire.identities import Names
from infra.simulator.wire.merchants import Merchants
from infra.simulator.wire.record import Content
from infra.simulator.wire.references import References
from infra.simulator.wire.titles import title
from infra.simulator.world.day import Column, Columns, Day, chosen
from infra.simulator.world.phenomena.accounts import LIVESTREAM
from infra.simulator.world.phenomena.interactions import ACTIONS
from infra.simulator.world.phenomena.products import CATEGORIES, Products
from infra.simulator.world.world import World

KINDS_OF_ACTIONS = {
    "search": "search",
    "view": "view",
    "like": "like",
    "save": "save",
    "comment": "comment",
    "add_cart": "addCart",
    "remove_cart": "removeCart",
    "checkout": "checkout",
}


class LivestreamShop:
    """The shop's activities; `title` is the key under which the schema of the day has an item's title."""

    def __init__(self, world: World, names: Names, references: References) -> None:
        self.names, self.references = names, references
        self._products, self._merchants = world[Products], Merchants(world)
        everything = references.items(np.arange(self._products.count))
        self._kinds = [CATEGORIES[category] for category in self._products.category.tolist()]
        numbers = [int(item.removeprefix("itm_")) for item in everything]
        titles = [title(kind, number) for kind, number in zip(self._kinds, numbers, strict=True)]
        self._items = list(zip(everything, titles, strict=True))

    def activities(self, day: Day, title: str) -> Iterator[Activities]:
        """All that happened in the shop on a day."""
        items = self.items(title)
        yield self._listed(day, items)
        yield from self._interactions(day, items)
        yield self._ordered(day)
        yield self._placed(day, items)
        yield self._cancelled(day, items)
        yield self._reviews(day, items)

    def items(self, title: str) -> list[Content]:
        """Every item by its product, with its title under a key."""
        return [{"itemId": item, title: text} for item, text in self._items]

    def users(self, people: Column) -> list[Content]:
        """Some people by their accounts."""
        return [{"userId": f"usr_{number:07x}"} for number in self.names.accounts[people].tolist()]

    def _interactions(self, day: Day, items: list[Content]) -> Iterator[Activities]:
        visits, rows = day.tables["visit"], _here(day.tables["interaction"])
        referrers = self.references.referrers(visits)
        for action, kind in KINDS_OF_ACTIONS.items():
            of_kind = chosen(rows, rows["action"] == ACTIONS.index(action))
            visit = np.searchsorted(visits["visit"], of_kind["visit"]).tolist()
            columns = self.users(of_kind["person"]), of_kind["product"].tolist(), visit
            contents = (
                {
                    "user": user,
                    **({"item": items[product]} if product >= 0 else {}),
                    **({"referrer": referrers[at]} if referrers[at] else {}),
                }
                for user, product, at in zip(*columns, strict=True)
            )
            yield Activities(kind, of_kind["interaction"], of_kind["at_us"], contents)

    def _listed(self, day: Day, items: list[Content]) -> Activities:
        """Everything on sale, when the first day begins."""
        products = np.arange(len(items) if day.number == 0 else 0)
        merchants, prices = self._merchants.of(products), self._products.list_price_fen[products]
        columns = products.tolist(), self._merchants.called(merchants), prices.tolist()
        contents = (
            {
                "item": {
                    **items[product],
                    "category": self._kinds[product],
                    "merchantId": merchant,
                    "listPriceFen": price,
                }
            }
            for product, merchant, price in zip(*columns, strict=True)
        )
        return Activities("item", products, np.full(len(products), day.begin_us, np.int64), contents)

    def _ordered(self, day: Day) -> Activities:
        orders = _here(day.tables["order"])
        names, lines = self.references.orders(orders["order"], orders["platform"]), line_counts(day, orders)
        columns = self.users(orders["person"]), names, orders["total_fen"].tolist(), lines.tolist()
        contents = (
            {"user": user, "order": {"orderId": order, "amountFen": amount, "lineCount": count, "country": "CN"}}
            for user, order, amount, count in zip(*columns, strict=True)
        )
        return Activities("order", orders["order"], orders["at_us"], contents)

    def _placed(self, day: Day, items: list[Content]) -> Activities:
        orders, lines = day.tables["order"], numbered(day, "order_line")
        of_line = np.searchsorted(orders["order"], lines["order"])
        here = orders["platform"][of_line] == LIVESTREAM
        lines, orders = chosen(lines, here), chosen(orders, of_line[here])
        told = self._lines({**orders, **lines}, lines["quantity"], lines["unit_price_fen"], items)
        return Activities("orderLine", lines["number"], orders["at_us"], told)

    def _cancelled(self, day: Day, items: list[Content]) -> Activities:
        rows = _here(day.tables["refund"])
        told = self._lines(rows, rows["quantity"], rows["unit_price_fen"], items)
        return Activities("orderLineCancelled", rows["refund"], rows["at_us"], told)

    def _lines(self, rows: Columns, quantity: Column, price_fen: Column, items: list[Content]) -> Iterator[Content]:
        orders = self.references.orders(rows["order"], rows["platform"])
        columns = self.users(rows["person"]), orders, rows["product"].tolist(), quantity.tolist(), price_fen.tolist()
        for user, order, product, pieces, price in zip(*columns, strict=True):
            said = {"orderId": order, "quantity": pieces, "unitPriceFen": price, "country": "CN"}
            yield {"user": user, "item": items[product], "order": said}

    def _reviews(self, day: Day, items: list[Content]) -> Activities:
        rows = _here(numbered(day, "review"))
        orders = self.references.orders(rows["order"], rows["platform"])
        columns = self.users(rows["person"]), orders, rows["product"].tolist(), rows["rating"].tolist()
        contents = (
            {"user": user, "item": items[product], "order": {"orderId": order}, "review": {"rating": rating}}
            for user, order, product, rating in zip(*columns, strict=True)
        )
        return Activities("review", rows["number"], rows["at_us"], contents)


def _here(rows: Columns) -> Columns:
    return chosen(rows, rows["platform"] == LIVESTREAM)
