"""Both shops tell each order once, over what its lines come to, and what they sell with who sells it."""

from collections import Counter
from typing import Any

import pytest

from tests.infra.simulator.wire.conftest import told

PAID = {"shop_plugin": "C", "social_b": "B"}


def placed(feed: str, target: str) -> list[dict[str, Any]]:
    """What a feed tells of orders, or of their lines as they are placed, by the names of the community shop."""
    contents = [record.content for record in told()[feed].of_target(target)]
    if feed == "shop_plugin":
        return [one["data"] for one in contents if one["type"] != "shop.order.line_cancelled"]
    names = {"orderId": "order_id", "amountFen": "amount_fen", "lineCount": "line_count", "country": "country"}
    names |= {"quantity": "quantity", "unitPriceFen": "unit_price_fen"}
    orders = [one["order"] for one in contents if one["eventType"] != "orderLineCancelled"]
    return [{names[key]: value for key, value in one.items()} for one in orders]


def products(feed: str) -> dict[str, dict[str, Any]]:
    """What a feed tells of products, by their names in the shop."""
    records = told()[feed].of_target("events.product")
    if feed == "shop_plugin":
        return {record.content["data"]["product_id"]: record.content["data"] for record in records}
    return {record.content["item"]["itemId"]: record.content["item"] for record in records}


@pytest.mark.parametrize("feed", PAID)
def test_an_order_comes_to_what_its_lines_come_to(feed: str) -> None:
    orders = placed(feed, "events.order")
    amounts, counts = Counter[str](), Counter[str]()
    for line in placed(feed, "events.order_line"):
        amounts[line["order_id"]] += line["quantity"] * line["unit_price_fen"]
        counts[line["order_id"]] += 1

    assert {one["order_id"]: one["amount_fen"] for one in orders} == amounts
    assert {one["order_id"]: one["line_count"] for one in orders} == counts
    assert len(orders) == len(amounts)
    assert {one["country"] for one in orders} == {"CN"}


@pytest.mark.parametrize("feed", PAID)
def test_what_is_paid_for_an_order_is_its_amount(feed: str) -> None:
    rows = told()["payment_sdk"].where("RECORD_TYPE", "PAYMENT")
    paid = {row["MERCHANT_ORDER_NO"]: row["AMOUNT_YUAN"] for row in rows if row["PLATFORM"] == PAID[feed]}

    amounts = {one["order_id"]: f"{one['amount_fen'] / 100:.2f}" for one in placed(feed, "events.order")}

    assert amounts == paid


def test_an_order_is_placed_by_who_places_its_lines_where_they_are_placed() -> None:
    said = told()["shop_plugin"]
    orders = {one["data"]["order_id"]: one for one in said.where("type", "shop.order.placed")}

    for line in said.where("type", "shop.order.line_placed"):
        order = orders[line["data"]["order_id"]]
        assert (order["source"], order["time"]) == (line["source"], line["time"])
        assert order["data"].get("account_id") == line["data"].get("account_id")
        assert order["data"]["visitor_id"] == line["data"]["visitor_id"]


@pytest.mark.parametrize("feed", PAID)
def test_everything_on_sale_is_listed_once_when_the_first_day_begins(feed: str) -> None:
    said = told()[feed]
    (names,) = [one.names for one in said.feed.names() if one.kind == "product"]
    records = said.of_target("events.product")

    assert products(feed).keys() == set(names)
    assert len(records) == len(names)
    assert {record.at_us for record in records} == {said.days[0].begin_us}


def test_the_same_product_has_the_same_kind_price_and_merchant_in_both_shops() -> None:
    of_c, of_b = products("shop_plugin"), products("social_b")
    named = {feed: next(one.names for one in told()[feed].feed.names() if one.kind == "product") for feed in PAID}

    for in_c, in_b in zip(named["shop_plugin"], named["social_b"], strict=True):
        c, b = of_c[str(in_c)], of_b[str(in_b)]
        assert (c["category"], c["merchant_id"], c["list_price_fen"]) == (
            b["category"],
            b["merchantId"],
            b["listPriceFen"],
        )


def test_merchants_are_called_as_they_are_paid_out() -> None:
    settled = {record.content["MERCHANT_NO"] for record in told()["payment_settlements"].all}
    (merchants,) = told()["payment_settlements"].feed.names()

    assert settled
    assert settled <= {one["merchant_id"] for one in products("shop_plugin").values()} <= set(merchants.names)
