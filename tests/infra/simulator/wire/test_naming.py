"""The truth says what its people and things are called on the wire, so that tables can be held against it."""

from collections.abc import Iterable

import pytest

from infra.simulator.wire.naming import Called, as_table
from tests.infra.simulator.wire.conftest import Told, told


def names(said: Told, kind: str) -> dict[int, str]:
    """Names of a kind by number, over the days too."""
    called: Iterable[Called] = [*said.feed.names(), *(one for day in said.days for one in said.feed.names_of(day))]
    return {n: str(name) for one in called if one.kind == kind for n, name in zip(one.numbers, one.names, strict=True)}


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("social_a", "account"),
        ("social_a", "post"),
        ("social_b", "account"),
        ("social_b", "product"),
        ("social_b", "post"),
        ("social_b", "order"),
        ("shop_plugin", "visitor"),
        ("shop_plugin", "account"),
        ("shop_plugin", "product"),
        ("shop_plugin", "order"),
        ("shop_community", "invite"),
        ("shop_community", "coupon"),
        ("shop_community", "group"),
        ("payment_sdk", "payer"),
        ("payment_settlements", "merchant"),
    ],
)
def test_each_thing_has_one_name_and_each_name_is_of_one_thing(source: str, kind: str) -> None:
    called = names(told()[source], kind)

    assert called
    assert len(set(called.values())) == len(called)


def test_accounts_are_called_as_they_are_written() -> None:
    of_a = {str(content["account_id"]) for content in told()["social_a"].where("kind", "account")}
    of_b = {content["user"]["userId"] for content in told()["social_b"].where("eventType", "account")}

    assert set(names(told()["social_a"], "account").values()) == of_a
    assert set(names(told()["social_b"], "account").values()) == of_b


def test_people_are_called_by_those_whose_account_it_is() -> None:
    said = told()["social_a"]
    on_a = said.feed.world.given()["account"]

    people = on_a["person"][on_a["platform"] == 0].tolist()

    assert set(names(said, "account")) == set(people)


def test_orders_are_called_as_they_are_paid() -> None:
    rows = told()["payment_sdk"].where("RECORD_TYPE", "PAYMENT")
    paid = {row["MERCHANT_ORDER_NO"] for row in rows}

    called = {**names(told()["social_b"], "order"), **names(told()["shop_plugin"], "order")}

    assert set(called.values()) == paid


def test_a_brushed_order_can_be_found_on_the_wire() -> None:
    said = told()["shop_plugin"]
    called = names(said, "order")
    written = {content["data"]["order_id"] for content in said.where("type", "shop.order.line_placed")}

    brushed = [called[order] for day in said.days for order in day.truth["brushed_order"]["order"].tolist()]

    assert brushed
    assert set(brushed) <= written


def test_names_of_brushed_orders_do_not_stand_apart() -> None:
    said = told()["shop_plugin"]
    brushed = {order for day in said.days for order in day.truth["brushed_order"]["order"].tolist()}

    by_name = sorted(names(said, "order").items(), key=lambda pair: pair[1])
    ranks = [rank / len(by_name) for rank, (order, _) in enumerate(by_name) if order in brushed]

    # The mean of so many uniform ranks is a half, give or take four deviations.
    assert abs(sum(ranks) / len(ranks) - 0.5) < 4 * (12 * len(ranks)) ** -0.5


def test_names_become_texts_in_a_table() -> None:
    table = as_table([("one", Called("account", [3, 4], [10, 11])), ("two", Called("order", [5], ["o5"]))])

    assert {name: column.tolist() for name, column in table.items()} == {
        "source": ["one", "one", "two"],
        "kind": ["account", "account", "order"],
        "name": ["10", "11", "o5"],
        "number": [3, 4, 5],
    }
