"""Platform C, the community shop: what its plugin says of visits and orders, as CloudEvents 1.0.

Keys are nested under `data`, ids are text, prices whole fen. The app writes the market's time, the web shop UTC.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Final

import numpy as np

from infra.simulator.wire.feed import Damage, Feed
from infra.simulator.wire.identities import Names
from infra.simulator.wire.record import Content, Record
from infra.simulator.world.day import MARKET_ZONE, Columns, Day, chosen
from infra.simulator.world.phenomena.accounts import COMMUNITY
from infra.simulator.world.phenomena.interactions import ACTIONS
from infra.simulator.world.phenomena.products import CATEGORIES, Products
from infra.simulator.world.world import World

INTERACTION, ORDER_LINE = "events.interaction", "events.order_line"
APP, WEB = "/shop/app", "/shop/web"
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
PLACED, CANCELLED = "shop.order.line_placed", "shop.order.line_cancelled"
APP_SHARE: Final = 0.7
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class ShopPlugin(Feed):
    """Interactions, order lines and what is taken back of them, on the community shop."""

    name: ClassVar[str] = "shop_plugin"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.names = Names(world, COMMUNITY)
        self.products = world[Products]

    def records(self, day: Day) -> list[Record]:
        """Everything that happened in the shop on a day, in the order of time."""
        found = [*self._interactions(day), *self._placed(day), *self._cancelled(day)]
        return sorted(found, key=lambda record: (record.at_us, record.id))

    def revised(self, record: Record) -> Record | None:
        """An order line whose quantity was wrong; what people did is never revised."""
        data = record.content["data"]
        if record.target != ORDER_LINE:
            return None
        content = record.content | {"revision": 1, "data": data | {"quantity": data["quantity"] + 1}}
        return record._replace(content=content)

    def contradicted(self, record: Record) -> Record | None:
        """The same interaction with another product."""
        if record.target != INTERACTION or "product_id" not in record.content["data"]:
            return None
        other = self.product_id(self.products.count - 1)
        return record._replace(content=record.content | {"data": record.content["data"] | {"product_id": other}})

    def lost(self, record: Record, number: int) -> Content:
        """An event of which nothing but a broken line is known."""
        return record.content | {"id": f"{record.id}-lost-{number}"}

    def product_id(self, product: int) -> str:
        """What a product is called in the shop."""
        return f"p{product:06d}"

    def _interactions(self, day: Day) -> Iterator[Record]:
        rows, visits = _here(day.tables["interaction"]), day.tables["visit"]
        visit = np.searchsorted(visits["visit"], rows["visit"])
        posts, signed_in = visits["post"][visit].tolist(), visits["signed_in"][visit].tolist()
        columns = (rows[name].tolist() for name in ("interaction", "person", "action", "product", "at_us", "visit"))
        for number, person, action, product, at, visited, post, known in zip(*columns, posts, signed_in, strict=True):
            data = self._who(person, signed_in=known)
            if product >= 0:
                data["product_id"] = self.product_id(product)
            if post >= 0:
                data["referrer"] = {"post": str(post)}
            yield self._event(f"i{number:x}", TYPES[ACTIONS[action]], at, visited, data, INTERACTION)

    def _placed(self, day: Day) -> Iterator[Record]:
        orders, lines = day.tables["order"], day.tables["order_line"]
        of_line = np.searchsorted(orders["order"], lines["order"])
        here = orders["platform"][of_line] == COMMUNITY
        lines, of_line = chosen(lines, here), of_line[here]
        columns = [lines[name].tolist() for name in ("order", "product", "quantity", "unit_price_fen")]
        columns += [orders[name][of_line].tolist() for name in ("person", "at_us", "visit")]
        for number, (order, product, quantity, price, person, at, visit) in enumerate(zip(*columns, strict=True)):
            data = self._who(person) | self._line(order, product, quantity, price)
            yield self._event(f"o{order:x}-{number}", PLACED, at, visit, data, ORDER_LINE)

    def _cancelled(self, day: Day) -> Iterator[Record]:
        rows = _here(day.tables["refund"])
        columns = [rows[name].tolist() for name in ("refund", "order", "product", "person", "amount_fen", "at_us")]
        for refund, order, product, person, amount, at in zip(*columns, strict=True):
            data = self._who(person) | self._line(order, product, 1, amount)
            yield self._event(f"r{refund:x}", CANCELLED, at, order, data, ORDER_LINE)

    def _who(self, person: int, *, signed_in: bool = True) -> Content:
        name = int(self.names.accounts[person])
        account = {"account_id": f"u{name:07d}"} if signed_in and self.names.has_account(person) else {}
        return {"visitor_id": f"v{name:07d}", **account}

    def _line(self, order: int, product: int, quantity: int, price_fen: int) -> Content:
        return {
            "order_id": f"o{order:x}",
            "product_id": self.product_id(product),
            "product_name": f"{CATEGORIES[self.products.category[product]]} {product}",
            "quantity": quantity,
            "unit_price_fen": price_fen,
            "country": "CN",
        }

    def _event(self, identity: str, kind: str, at_us: int, visit: int, data: Content, target: str) -> Record:
        # Whoever visits does so in the app or on the web from beginning to end.
        source = APP if visit * 2654435761 % 1000 < 1000 * APP_SHARE else WEB
        moment = EPOCH + timedelta(microseconds=at_us - at_us % 1000)
        local = moment.astimezone(MARKET_ZONE)
        shown = (local if source == APP else moment).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        content = {"specversion": "1.0", "id": identity, "source": source, "type": kind, "time": shown, "data": data}
        return Record(identity, local.date(), at_us, target, content)

    damages: ClassVar[Mapping[str, Damage]] = {
        "invalid_json": lambda feed, content: feed.write(content)[:-40],
        "wrong_type": lambda feed, content: feed.write(content | {"revision": "2"}),
        "unknown_type": lambda feed, content: feed.write(content | {"type": "shop.product.sniffed"}),
        "duplicate_key": lambda feed, content: feed.write(content)[:-1] + b',"id":"another"}',
        "invalid_time": lambda feed, content: feed.write(content | {"time": "2026-02-30T10:00:00+08:00"}),
        "trailing_data": lambda feed, content: feed.write(content) * 2,
        "not_an_object": lambda feed, content: b"[" + feed.write(content) + b"]",
        "invalid_utf8": lambda feed, content: feed.write(content)[:-1] + b',"x":"\xc3\x28"}',
        "nul_character": lambda feed, content: feed.write(content)[:-1] + b',"x":"\x00"}',
        "too_deep": lambda feed, content: feed.write(content)[:-1] + b',"x":' + b"[" * 1500 + b"]" * 1500 + b"}",
    }


def _here(rows: Columns) -> Columns:
    return chosen(rows, rows["platform"] == COMMUNITY)
