"""One visit to a made-up community shop, from the first look to the order, as the events its plugin writes."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

PRODUCTS = (
    ("2001", "青花茶杯", 3_900),
    ("2002", "竹编提篮", 12_800),
    ("2003", "手工肥皂", 1_550),
    ("2004", "亚麻围裙", 8_900),
    ("2005", "桂花蜂蜜 500g", 4_580),
    ("2006", "陶土花盆", 2_690),
    ("2007", "羊毛披肩", 26_900),
)
APP, WEB = "/shop/app", "/shop/web"
INTERACTION, ORDER_LINE = "events.interaction", "events.order_line"
Data = dict[str, Any]


@dataclass(frozen=True)
class ShopEvent:
    """One event: `at` in the market's zone, `data` as the plugin writes it."""

    id: str
    source: str
    type: str
    at: datetime
    data: Data

    @property
    def target(self) -> str:
        """The table that an event of this type is meant for."""
        return ORDER_LINE if self.type.startswith("shop.order.") else INTERACTION

    def content(self) -> dict[str, Any]:
        """The event as CloudEvents has it; the app writes the market's time, the web shop UTC."""
        at = self.at if self.source == APP else self.at.astimezone(UTC)
        return {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "data": self.data,
        }


@dataclass
class Session:
    """One visit, made step by step; every step adds an event some seconds after the one before."""

    dice: random.Random
    name: str
    visitor: int
    at: datetime
    source: str = APP
    events: list[ShopEvent] = field(default_factory=list)
    cart: list[tuple[str, str, int]] = field(default_factory=list)

    @property
    def who(self) -> Data:
        """The visitor, and the account of the two in three who have one."""
        account = {"account_id": f"u{self.visitor:05d}"} if self.visitor % 3 else {}
        return {"visitor_id": f"v{self.visitor:05d}", **account}

    def happen(self) -> list[ShopEvent]:
        """Look at some products, and buy what is in the cart at the end or leave it there."""
        for product in self.dice.sample(PRODUCTS, k=self.dice.randint(1, len(PRODUCTS))):
            self._look_at(product)
        if self.cart and self.dice.random() < 0.7:
            self._add("shop.checkout.started", {})
            if "account_id" in self.who:
                self._order()
        return self.events

    def _look_at(self, product: tuple[str, str, int]) -> None:
        about = {"product_id": product[0]}
        if self.dice.random() < 0.2:
            self._add("shop.search.performed", {})
        self._add("shop.product.viewed", about)
        for kind in ("liked", "shared"):
            if self.dice.random() < 0.15:
                self._add(f"shop.product.{kind}", about)
        if self.dice.random() < 0.4:
            self._add("shop.cart.added", about)
            self.cart.append(product)
            if self.dice.random() < 0.15:
                self._add("shop.cart.removed", about)
                self.cart.pop()

    def _order(self) -> None:
        lines = [
            {
                "order_id": f"o{self.name}",
                "product_id": product_id,
                "product_name": product_name,
                "quantity": self.dice.randint(1, 4),
                "unit_price_fen": fen,
                "country": "CN",
            }
            for product_id, product_name, fen in self.cart
        ]
        for line in lines:
            self._add("shop.order.line_placed", line)
        if self.dice.random() < 0.15:
            self._add("shop.order.line_cancelled", self.dice.choice(lines))

    def _add(self, kind: str, about: Data) -> None:
        self.at += timedelta(milliseconds=self.dice.randint(1_000, 180_000))
        self.events.append(
            ShopEvent(f"{self.name}-{len(self.events):03d}", self.source, kind, self.at, {**self.who, **about})
        )
