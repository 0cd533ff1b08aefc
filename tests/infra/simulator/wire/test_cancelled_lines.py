"""What is sent back is told with the pieces and the price of its line."""

from collections import defaultdict

from tests.infra.simulator.wire.conftest import told

Line = tuple[object, object, object]


def placed_and_cancelled(feed: str) -> tuple[dict[object, set[Line]], dict[object, list[Line]]]:
    """Lines by order: product, pieces and price of one, of those placed and of those sent back, on enough days."""
    placed, cancelled = defaultdict(set), defaultdict(list)
    for content in (record.content for record in told(people=3_000, days=8)[feed].all):
        if feed == "shop_plugin":
            kind, data = content["type"], content["data"]
            order, line = (
                data.get("order_id"),
                (data.get("product_id"), data.get("quantity"), data.get("unit_price_fen")),
            )
        else:
            kind, data = content["eventType"], content.get("order", {})
            item = content.get("item", {}).get("itemId")
            order, line = data.get("orderId"), (item, data.get("quantity"), data.get("unitPriceFen"))
        if kind in {"shop.order.line_placed", "orderLine"}:
            placed[order].add(line)
        if kind in {"shop.order.line_cancelled", "orderLineCancelled"}:
            cancelled[order].append(line)
    return placed, cancelled


def check(feed: str) -> None:
    placed, cancelled = placed_and_cancelled(feed)
    known = [(order, line) for order, lines in cancelled.items() for line in lines if order in placed]

    assert any(quantity != 1 for _, (_, quantity, _) in known)
    assert all(line in placed[order] for order, line in known)


def test_lines_sent_back_to_the_community_shop_are_those_that_were_placed() -> None:
    check("shop_plugin")


def test_lines_sent_back_to_the_livestream_are_those_that_were_placed() -> None:
    check("social_b")
