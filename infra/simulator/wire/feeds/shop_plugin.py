"""Platform C, the community shop: what its plugin says of products, visits and orders, as CloudEvents 1.0.

Keys are nested under `data`, ids are text, prices whole fen. The app writes the market's time, the web shop UTC.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import repeat
from typing import ClassVar, Final

import numpy as np

from infra.simulator.wire.activities import line_counts, numbered
from infra.simulator.wire.cloud_events import APP, EVENT_DAMAGES, EVENT_ONCE_A_DAY, WEB, cloud_events, visitors
from infra.simulator.wire.damages import Damage, Writer, in_turn
from infra.simulator.wire.feed import Feed
from infra.simulator.wire.identities import Names, Scrambler
from infra.simulator.wire.merchants import Merchants
from infra.simulator.wire.naming import Called
from infra.simulator.wire.record import IN_TIME, Content, Record, Revised
from infra.simulator.wire.references import References
from infra.simulator.wire.titles import title
from infra.simulator.world.day import Column, Columns, Day, chosen
from infra.simulator.world.phenomena.accounts import COMMUNITY
from infra.simulator.world.phenomena.interactions import ACTIONS
from infra.simulator.world.phenomena.products import CATEGORIES, Products
from infra.simulator.world.world import World

INTERACTION, ORDER, ORDER_LINE = "events.interaction", "events.order", "events.order_line"
PRODUCT = "events.product"
TYPES: Final[Mapping[str, str]] = {
    "view": "shop.product.viewed",
    "like": "shop.product.liked",
    "save": "shop.product.saved",
    "comment": "shop.product.commented",
    "search": "shop.search.performed",
    "add_cart": "shop.cart.added",
    "remove_cart": "shop.cart.removed",
    "checkout": "shop.checkout.started",
}
LISTED, ORDERED = "shop.product.listed", "shop.order.placed"
PLACED, CANCELLED = "shop.order.line_placed", "shop.order.line_cancelled"
APP_SHARE: Final = 0.7


def as_order_line(quantity: int, unit_price_fen: int) -> Damage:
    """An order line over so many pieces at such a price, whatever the event was."""
    line = {"order_id": "o0", "product_id": "p000000", "quantity": quantity, "unit_price_fen": unit_price_fen}

    def damaged(feed: Writer, content: Content) -> bytes:
        return feed.write(content | {"type": PLACED, "data": content["data"] | line})

    return damaged


class ShopPlugin(Feed):
    """Products, interactions, orders with their lines and what is taken back of them, on the community shop."""

    name: ClassVar[str] = "shop_plugin"
    damages: ClassVar[Mapping[str, Damage]] = {
        **EVENT_DAMAGES,
        "invalid_quantity": in_turn(as_order_line(0, 100), as_order_line(10**18, 100)),
        "invalid_amount": as_order_line(10**17, 10**15),
    }
    once_a_day: ClassVar[Mapping[str, Damage]] = EVENT_ONCE_A_DAY

    def __init__(self, world: World, evolves_on: date | None = None) -> None:
        super().__init__(world, evolves_on)
        self.people, self.references = Names(world, COMMUNITY), References(world)
        self._products, self._merchants = world[Products], Merchants(world)
        self.product_ids = self.references.shop_products(np.arange(self._products.count))
        self._categories = [CATEGORIES[kind] for kind in self._products.category.tolist()]
        numbers = [int(name.removeprefix("p")) for name in self.product_ids]
        self.product_names = [title(kind, number) for kind, number in zip(self._categories, numbers, strict=True)]
        self._ids = Scrambler(world, "event", self.name)
        self._visits: dict[int, int] = {}  # by order, as what is sent back says where it was ordered

    def records(self, day: Day) -> list[Record]:
        """Everything that happened in the shop on a day, in the order of time."""
        listed = self._listed(day) if day.number == 0 else ()
        found = [*listed, *self._interactions(day), *self._ordered(day), *self._placed(day), *self._cancelled(day)]
        return sorted(found, key=IN_TIME)

    def names(self) -> Iterator[Called]:
        """Truth: visitors, accounts and products."""
        everybody = np.arange(self.world.setting.people)
        known = visitors(self.people, everybody, np.ones(len(everybody), np.bool_))
        yield Called("visitor", range(len(known)), [one["visitor_id"] for one in known])
        with_account = np.flatnonzero(self.people.have_accounts(everybody)).tolist()
        yield Called("account", with_account, [known[person]["account_id"] for person in with_account])
        yield Called("product", range(len(self.product_ids)), self.product_ids)

    def names_of(self, day: Day) -> Iterator[Called]:
        """Truth: orders."""
        orders = _here(day.tables["order"])
        yield Called("order", orders["order"].tolist(), self.references.orders(orders["order"], orders["platform"]))

    def revised(self, record: Record) -> Revised | None:
        """An order line whose quantity was wrong at first; what people did is never revised."""
        data = record.content["data"]
        if record.target != ORDER_LINE:
            return None
        wrong = record.content | {"data": data | {"quantity": data["quantity"] + 1}}
        return Revised(record._replace(content=wrong), record._replace(content=record.content | {"revision": 1}))

    def contradicted(self, record: Record) -> Record | None:
        """The same interaction with another product."""
        if record.target != INTERACTION or "product_id" not in record.content["data"]:
            return None
        first, second, *_ = self.product_ids
        other = first if record.content["data"]["product_id"] != first else second
        return record._replace(content=record.content | {"data": record.content["data"] | {"product_id": other}})

    def lost(self, record: Record, number: int) -> Content:
        """An event of which nothing but a broken line is known."""
        return record.content | {"id": f"{record.id}-lost-{number}"}

    def _interactions(self, day: Day) -> Iterator[Record]:
        rows, visits = _here(day.tables["interaction"]), day.tables["visit"]
        referrers = self.references.referrers(visits)
        visit = np.searchsorted(visits["visit"], rows["visit"])
        people = visitors(self.people, rows["person"], visits["signed_in"][visit])
        columns = people, rows["product"].tolist(), visit.tolist()
        contents = (
            {
                **person,
                **({"product_id": self.product_ids[product]} if product >= 0 else {}),
                **({"referrer": referrers[at]} if referrers[at] else {}),
            }
            for person, product, at in zip(*columns, strict=True)
        )
        ids = self._named("i", rows["interaction"])
        kinds = [TYPES[ACTIONS[action]] for action in rows["action"].tolist()]
        return cloud_events(ids, _sources(rows["visit"]), kinds, rows["at_us"], contents, INTERACTION)

    def _listed(self, day: Day) -> Iterator[Record]:
        """Everything on sale, when the first day begins."""
        products = np.arange(len(self.product_ids))
        merchants = self._merchants.called(self._merchants.of(products))
        prices = self._products.list_price_fen.tolist()
        columns = self.product_ids, self.product_names, self._categories, merchants, prices
        names = ("product_id", "product_name", "category", "merchant_id", "list_price_fen")
        contents = (dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True))
        ids, at_us = self._named("p", products), np.full(len(products), day.begin_us, np.int64)
        return cloud_events(ids, repeat(WEB, len(ids)), repeat(LISTED, len(ids)), at_us, contents, PRODUCT)

    def _ordered(self, day: Day) -> Iterator[Record]:
        orders = _here(day.tables["order"])
        people = visitors(self.people, orders["person"], np.ones(len(orders["person"]), np.bool_))
        names = self.references.orders(orders["order"], orders["platform"])
        columns = people, names, orders["total_fen"].tolist(), line_counts(day, orders).tolist()
        contents = (
            {**person, "order_id": order, "amount_fen": amount, "line_count": count, "country": "CN"}
            for person, order, amount, count in zip(*columns, strict=True)
        )
        ids, sources = self._named("o", orders["order"]), _sources(_visits(orders))
        return cloud_events(ids, sources, repeat(ORDERED, len(ids)), orders["at_us"], contents, ORDER)

    def _placed(self, day: Day) -> Iterator[Record]:
        orders, lines = day.tables["order"], numbered(day, "order_line")
        of_line = np.searchsorted(orders["order"], lines["order"])
        here = orders["platform"][of_line] == COMMUNITY
        lines, orders = chosen(lines, here), chosen(orders, of_line[here])
        contents = self._lines({**orders, **lines}, lines["quantity"], lines["unit_price_fen"])
        ids, visits = self._named("l", lines["number"]), _visits(orders)
        self._visits.update(zip(orders["order"].tolist(), visits.tolist(), strict=True))
        sources = _sources(visits)
        return cloud_events(ids, sources, repeat(PLACED, len(ids)), orders["at_us"], contents, ORDER_LINE)

    def _cancelled(self, day: Day) -> Iterator[Record]:
        rows = _here(day.tables["refund"])
        contents = self._lines(rows, rows["quantity"], rows["unit_price_fen"])
        ids = self._named("r", rows["refund"])
        visits = [self._visits.get(order, order) for order in rows["order"].tolist()]
        sources = _sources(np.array(visits, np.int64))
        return cloud_events(ids, sources, repeat(CANCELLED, len(ids)), rows["at_us"], contents, ORDER_LINE)

    def _lines(self, rows: Columns, quantity: Column, price_fen: Column) -> Iterator[Content]:
        people = visitors(self.people, rows["person"], np.ones(len(rows["person"]), np.bool_))
        orders = self.references.orders(rows["order"], rows["platform"])
        columns = people, orders, rows["product"].tolist(), quantity.tolist(), price_fen.tolist()
        for person, order, product, pieces, price in zip(*columns, strict=True):
            yield {
                **person,
                "order_id": order,
                "product_id": self.product_ids[product],
                "product_name": self.product_names[product],
                "quantity": pieces,
                "unit_price_fen": price,
                "country": "CN",
            }

    def _named(self, kind: str, numbers: Column) -> list[str]:
        """Ids of events of a kind, by its letter."""
        return [f"{kind}{number:013x}" for number in self._ids(numbers).tolist()]


def _visits(orders: Columns) -> Column:
    """Of which visit orders come: those of groups come of none, but are placed in the app or on the web like others."""
    return np.where(orders["visit"] >= 0, orders["visit"], orders["order"])


def _sources(visits: Column) -> list[str]:
    """The part of the shop of each visit: whoever visits does so in the app or on the web from beginning to end."""
    in_app = visits.astype(np.uint64) * np.uint64(2654435761) % np.uint64(1000) < 1000 * APP_SHARE
    return [APP if app else WEB for app in in_app.tolist()]


def _here(rows: Columns) -> Columns:
    return chosen(rows, rows["platform"] == COMMUNITY)
