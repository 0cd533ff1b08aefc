"""The community shop's plugin: what is ordered and sent back says where, whoever orders it."""

import pytest

from tests.infra.simulator.wire.conftest import Told, told

APP = "/shop/app"


@pytest.fixture
def said() -> Told:
    return told()["shop_plugin"]


def share_of_app(sources: list[str]) -> float:
    return sources.count(APP) / len(sources)


def test_brushed_orders_are_placed_in_the_app_as_often_as_others(said: Told) -> None:
    lines = said.where("type", "shop.order.line_placed")
    numbers = {order for day in said.days for order in day.truth["brushed_order"]["order"].tolist()}
    called = {
        name
        for day in said.days
        for one in said.feed.names_of(day)
        for number, name in zip(one.numbers, one.names, strict=True)
        if number in numbers
    }

    brushed = [one["source"] for one in lines if one["data"]["order_id"] in called]
    others = [one["source"] for one in lines if one["data"]["order_id"] not in called]

    # Four deviations of a share of seven tenths.
    assert len(brushed) > 30
    assert abs(share_of_app(brushed) - share_of_app(others)) < 4 * (0.21 / len(brushed)) ** 0.5


def test_what_is_sent_back_comes_from_where_it_was_ordered() -> None:
    # Most things are sent back some days after they were ordered.
    said = told(people=2_000, days=8)["shop_plugin"]
    ordered = {one["data"]["order_id"]: one["source"] for one in said.where("type", "shop.order.line_placed")}

    back = [one for one in said.where("type", "shop.order.line_cancelled") if one["data"]["order_id"] in ordered]

    assert {one["source"] for one in back} == {"/shop/app", "/shop/web"}
    assert all(one["source"] == ordered[one["data"]["order_id"]] for one in back)


def test_numbers_of_products_are_not_those_of_the_world(said: Told) -> None:
    (products,) = [one for one in said.feed.names() if one.kind == "product"]

    same = [name == f"p{number:06d}" for number, name in zip(products.numbers, products.names, strict=True)]

    assert len(same) > 100
    assert sum(same) < 0.05 * len(same)
