"""The community shop's second feed: CloudEvents from a source of its own, in UTC."""

import re
from collections.abc import Collection, Sequence

import pytest

from infra.simulator.wire.feeds.shop_community import SOURCE, TARGETS
from tests.infra.simulator.wire.conftest import Told, told


@pytest.fixture
def said() -> Told:
    return told()["shop_community"]


def data_of(said: Told, kind: str) -> list[dict[str, object]]:
    return [content["data"] for content in said.where("type", kind)]


def share(names: Sequence[object], of: Collection[object]) -> float:
    """The share of some names that are among others."""
    return sum(name in of for name in names) / len(names)


def test_all_kinds_are_told_and_meant_for_their_tables(said: Told) -> None:
    assert {record.content["type"]: record.target for record in said.all} == dict(TARGETS)


def test_events_come_from_a_source_of_their_own_in_utc(said: Told) -> None:
    form = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
    for record in said.all:
        assert record.content["specversion"] == "1.0"
        assert record.content["source"] == SOURCE
        assert form.fullmatch(record.content["time"])


def test_accounts_register_once_with_their_hints(said: Told) -> None:
    accounts = data_of(said, "shop.account.registered")

    names = [one["account_id"] for one in accounts]
    assert len(set(names)) == len(names)
    hints = {name for one in accounts for name in one["hints"]}
    assert hints == {"phone_sha256", "email_sha256", "device_sha256"}


def test_who_was_invited_names_an_invitation_that_was_sent(said: Told) -> None:
    sent = {one["invite_id"] for one in data_of(said, "shop.invite.sent")}
    used = [one["invite_id"] for one in data_of(said, "shop.account.registered") if "invite_id" in one]

    # Some were sent before the first day.
    assert share(used, sent) > 0.1
    assert len(set(used)) == len(used)


def test_coupons_are_redeemed_by_orders_that_were_paid(said: Told) -> None:
    paid = {content["MERCHANT_ORDER_NO"] for content in told()["payment_sdk"].where("RECORD_TYPE", "PAYMENT")}
    redeemed = data_of(said, "shop.coupon.redeemed")

    assert redeemed
    assert {one["order_id"] for one in redeemed} <= paid


def test_reviews_are_of_products_and_orders_by_their_names_in_the_shop(said: Told) -> None:
    placed = {content["data"]["order_id"] for content in told()["shop_plugin"].where("type", "shop.order.line_placed")}
    reviews = data_of(said, "shop.review.written")

    # Most are of what was ordered before the first day.
    assert share([one["order_id"] for one in reviews], placed) > 0.1
    assert all(re.fullmatch("p[0-9]{6}", str(one["product_id"])) for one in reviews)
    assert {one["rating"] for one in reviews} <= {1, 2, 3, 4, 5}


def test_groups_are_joined_and_closed_by_the_name_they_were_opened_under(said: Told) -> None:
    opened = {one["group_id"] for one in data_of(said, "shop.group.opened")}

    for kind in ("shop.group.joined", "shop.group.closed"):
        # Groups are open for a day, so some were opened before the first one.
        assert share([one["group_id"] for one in data_of(said, kind)], opened) > 0.5


def test_who_leaves_a_community_joins_another_one(said: Told) -> None:
    left = {one["visitor_id"]: one["community_id"] for one in data_of(said, "shop.membership.left")}
    joined = {(one["visitor_id"], one["community_id"]) for one in data_of(said, "shop.membership.joined")}

    assert left
    assert set(left) <= {visitor for visitor, _ in joined}


def test_a_community_is_not_called_by_the_number_of_the_truth(said: Told) -> None:
    first = said.days[0]
    told_groups, people = first.tables["membership"]["group"], first.tables["membership"]["person"]
    true = first.truth["community"]["community"][people]

    # As many as agree by chance, of so many communities.
    assert (told_groups == true).mean() < 0.2
