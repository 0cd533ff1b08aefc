"""Literal events of shop_plugin, and broken ones with the reason that they get."""

from typing import Any

VIEW = {"visitor_id": "v1", "account_id": "u1", "product_id": "2001"}
LINE = {
    "visitor_id": "v1",
    "account_id": "u1",
    "product_id": "2001",
    "product_name": "青花茶杯",
    "order_id": "o1",
    "quantity": 3,
    "unit_price_fen": 1999,
    "country": "CN",
}


def event(data: dict[str, Any] = VIEW, type: str = "shop.product.viewed", **changes: Any) -> dict[str, Any]:  # noqa: A002
    """One literal event, a view unless it is said otherwise; what is changed to None is left out."""
    content = {
        "specversion": "1.0",
        "id": "e1",
        "source": "/shop/app",
        "type": type,
        "time": "2026-03-02T10:00:00+08:00",
        "data": data,
        **changes,
    }
    return {key: value for key, value in content.items() if value is not None}


def placed(**changes: Any) -> dict[str, Any]:
    """One literal order line, of which some data are changed."""
    return event(LINE | changes, "shop.order.line_placed")


ORDER = {"visitor_id": "v1", "order_id": "o1", "amount_fen": 5997, "line_count": 2, "country": "CN"}
PRODUCT = {
    "product_id": "2001",
    "product_name": "青花茶杯",
    "category": "home",
    "merchant_id": "M000007",
    "list_price_fen": 2499,
}


def ordered(**changes: Any) -> dict[str, Any]:
    """One literal order as a whole, of which some data are changed."""
    return event(ORDER | changes, "shop.order.placed")


def listed(**changes: Any) -> dict[str, Any]:
    """One literal product on sale, of which some data are changed."""
    return event(PRODUCT | changes, "shop.product.listed")


BROKEN = [
    (event(specversion="0.3"), "invalid_specversion"),
    (event(specversion=None), "invalid_specversion"),
    (event(id=None), "missing_id"),
    (event(id=""), "missing_id"),
    (event(source=""), "missing_source"),
    (event(type="shop.product.sniffed"), "unknown_type"),
    (event(type=""), "unknown_type"),
    (event(time=None), "invalid_time"),
    (event(time="2026-02-30T10:00:00+08:00"), "invalid_time"),
    (event(time="2026-03-02T10:00:00"), "invalid_time"),
    (event(time="2026-03-02 10:00:00+08:00"), "invalid_time"),
    (event(time="2026-03-02T10:00:00+0800"), "invalid_time"),
    (event(time="2026-03-02T10:00:00.1234567Z"), "invalid_time"),
    (event(time="2026-03-02T24:00:00Z"), "invalid_time"),
    (event(time="2026-03-02T10:00:00+25:00"), "invalid_time"),
    (event(time="2026-03-02T10:00:00Z\n"), "invalid_time"),
    (event(revision=-1), "invalid_revision"),
    (event(revision=10**18), "invalid_revision"),
    (event(VIEW | {"visitor_id": ""}), "missing_visitor"),
    (event({"product_id": "2001"}), "missing_visitor"),
    (event({"visitor_id": "v1"}), "missing_product"),
    (placed(product_id=None), "missing_product"),
    (placed(order_id=None), "missing_order"),
    (placed(quantity=None), "invalid_quantity"),
    (placed(quantity=0), "invalid_quantity"),
    (placed(quantity=-3), "invalid_quantity"),
    (placed(quantity=10**18), "invalid_quantity"),
    (placed(unit_price_fen=None), "invalid_price"),
    (placed(unit_price_fen=-1), "invalid_price"),
    (placed(unit_price_fen=10**16), "invalid_price"),
    (placed(unit_price_fen=10**15, quantity=1000), "invalid_amount"),
    (ordered(amount_fen=-1), "invalid_order_amount"),
    (ordered(amount_fen=10**16), "invalid_order_amount"),
    (ordered(amount_fen=None), "missing_amount"),
    (ordered(line_count=0), "invalid_line_count"),
    (ordered(line_count=None), "missing_line_count"),
    (ordered(order_id=""), "missing_order_id"),
    (listed(product_id=None), "missing_product"),
    (listed(product_name=""), "missing_product_name"),
    (listed(category=None), "missing_category"),
    (listed(list_price_fen=-100), "invalid_list_price"),
    (listed(list_price_fen=None), "missing_list_price"),
    (event(time="2025-12-31T23:59:59+08:00"), "before_first_day"),
    (event(time="2026-03-05T10:00:00+08:00"), "too_far_in_future"),
    (event(data={"visitor_id": 1}), "wrong_type"),
    (event(LINE | {"quantity": 2.0}, "shop.order.line_placed"), "wrong_type"),
]
