import json
from datetime import date, datetime
from typing import Any

import pytest
from pyspark.sql import SparkSession

from expectations.contract import CONTRACTS, read_contract
from tests.support.mapped import mapped

CONTRACT = read_contract(CONTRACTS / "raw" / "shop_community.odcs.yaml")
PHONE = "0a" * 32
WHO = {"visitor_id": "v1", "account_id": "u1"}
AT = datetime(2026, 3, 2, 2, 0)
DATA: dict[str, dict[str, Any]] = {
    "shop.account.registered": {**WHO, "hints": {"phone_sha256": PHONE}, "invite_id": "i1"},
    "shop.invite.sent": {**WHO, "invite_id": "i1"},
    "shop.coupon.issued": {**WHO, "coupon_id": "c1", "valid_until": "2026-03-09T10:00:00+08:00"},
    "shop.coupon.redeemed": {**WHO, "coupon_id": "c1", "order_id": "o1"},
    "shop.group.opened": {**WHO, "group_id": "b1", "product_id": "p1", "size": 2},
    "shop.group.joined": {**WHO, "group_id": "b1"},
    "shop.group.closed": {"group_id": "b1", "filled": True},
    "shop.review.written": {**WHO, "order_id": "o1", "product_id": "p1", "rating": 5},
    "shop.membership.joined": {**WHO, "community_id": "g1"},
    "shop.membership.left": {**WHO, "community_id": "g1"},
}
"""A literal event of each type by what it says."""

HINTS = {"phone_sha256": PHONE, "email_sha256": None, "device_sha256": None}
COUPON = {
    "coupon_id": "c1",
    "visitor_id": "v1",
    "account_id": "u1",
    "order_id": None,
    "valid_until": None,
    "occurred_at": AT,
}
GROUP = {"group_id": "b1", "account_id": "u1", "product_id": None, "size": None, "occurred_at": AT}
MEMBERSHIP = {"account_id": "u1", "community_id": "g1", "occurred_at": AT}
PAYLOADS: dict[str, tuple[str, dict[str, Any]]] = {
    "shop.account.registered": ("account", {**WHO, **HINTS, "invite_id": "i1", "registered_at": AT}),
    "shop.invite.sent": ("invite", {"invite_id": "i1", **WHO, "sent_at": AT}),
    "shop.coupon.issued": ("coupon", {**COUPON, "kind": "issued", "valid_until": datetime(2026, 3, 9, 2, 0)}),
    "shop.coupon.redeemed": ("coupon", {**COUPON, "kind": "redeemed", "order_id": "o1"}),
    "shop.group.opened": ("group_buy", {**GROUP, "kind": "opened", "product_id": "p1", "size": 2}),
    "shop.group.joined": ("group_buy", {**GROUP, "kind": "joined"}),
    "shop.group.closed": ("group_buy", {**GROUP, "kind": "filled", "account_id": None}),
    "shop.review.written": (
        "review",
        {"order_id": "o1", "product_id": "p1", **WHO, "rating": 5, "reviewed_at": AT},
    ),
    "shop.membership.joined": ("community_membership", {**MEMBERSHIP, "is_member": True}),
    "shop.membership.left": ("community_membership", {**MEMBERSHIP, "is_member": False}),
}
"""The table that each is for, and its row there."""


def event(type: str, data: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:  # noqa: A002
    """The literal event of a type, with other data if they are given; what is changed to None is left out."""
    content = {
        "specversion": "1.0",
        "id": "e1",
        "source": "/shop/community",
        "type": type,
        "time": "2026-03-02T02:00:00.000Z",
        "data": DATA.get(type, WHO) if data is None else data,
        **changes,
    }
    return {key: value for key, value in content.items() if value is not None}


def changed(type: str, **data: Any) -> dict[str, Any]:  # noqa: A002
    """The literal event of a type with some of its data changed, or left out where they are None."""
    return event(type, {key: value for key, value in (DATA[type] | data).items() if value is not None})


BROKEN = [
    (event("shop.invite.sent", specversion="0.3"), "invalid_specversion"),
    (event("shop.invite.sent", id=None), "missing_id"),
    (event("shop.invite.sent", source=""), "missing_source"),
    (event("shop.product.viewed"), "unknown_type"),
    (event("shop.invite.sent", time="2026-02-30T10:00:00Z"), "invalid_time"),
    (event("shop.invite.sent", revision=-1), "invalid_revision"),
    (changed("shop.account.registered", account_id=None), "missing_account_id"),
    (changed("shop.account.registered", hints={"email_sha256": "me@example.org"}), "invalid_hint"),
    (changed("shop.invite.sent", invite_id=""), "missing_invite_id"),
    (changed("shop.coupon.issued", coupon_id=None), "missing_coupon_id"),
    (changed("shop.coupon.issued", valid_until=None), "missing_valid_until"),
    (changed("shop.coupon.issued", valid_until="2026-03-09"), "invalid_valid_until"),
    (changed("shop.coupon.redeemed", order_id=None), "missing_order"),
    (changed("shop.group.opened", group_id=None), "missing_group_id"),
    (changed("shop.group.opened", account_id=None), "missing_account"),
    (changed("shop.group.opened", product_id=None), "missing_product"),
    (changed("shop.group.opened", size=None), "missing_size"),
    (changed("shop.group.opened", size=1), "invalid_size"),
    (changed("shop.group.joined", account_id=""), "missing_account"),
    (changed("shop.group.closed", filled=None), "missing_filled"),
    (changed("shop.group.closed", filled="true"), "wrong_type"),
    (changed("shop.review.written", order_id=None), "missing_order_id"),
    (changed("shop.review.written", product_id=None), "missing_product_id"),
    (changed("shop.review.written", rating=None), "missing_rating"),
    (changed("shop.review.written", rating=0), "invalid_rating"),
    (changed("shop.review.written", rating=6), "invalid_rating"),
    (changed("shop.membership.joined", community_id=None), "missing_community_id"),
    (changed("shop.membership.left", account_id=None), "missing_account_id"),
    (event("shop.invite.sent", time="2025-12-31T15:59:59Z"), "before_first_day"),
]
SOUND = [
    *(event(name) for name in DATA),
    changed("shop.group.closed", filled=False),
    changed("shop.coupon.issued", account_id=None),
    changed("shop.review.written", account_id=None),
    {**changed("shop.review.written", rating=4), "revision": 1},
    event("shop.account.registered", WHO, time="2026-03-02T23:59:59+08:00"),
    event("shop.invite.sent", time="2026-03-02T16:00:00Z", id="e2"),
    changed("shop.invite.sent", account_id=None),
]


@pytest.fixture(scope="module")
def rows(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """What the mapping makes of all sound events and then of all broken ones, in one object of 3 March 2026."""
    file = tmp_path_factory.mktemp("community") / "events.jsonl"
    file.write_text("".join(f"{json.dumps(one)}\n" for one in [*SOUND, *(broken for broken, _ in BROKEN)]))
    return mapped(spark, CONTRACT, file)


@pytest.mark.parametrize(("place", "type_name"), list(enumerate(DATA)))
def test_each_type_of_event_becomes_a_row_of_its_table(rows: list[Any], place: int, type_name: str) -> None:
    row, (table, payload) = rows[place], PAYLOADS[type_name]

    assert (row["target"], row["event_day"], row["reason"]) == (f"events.{table}", date(2026, 3, 2), None)
    assert row[table].asDict() == payload
    assert {name for name, _ in PAYLOADS.values() if row[name] is not None} == {table}


def test_a_group_that_is_closed_before_it_is_full_has_expired(rows: list[Any]) -> None:
    assert rows[len(DATA)]["group_buy"]["kind"] == "expired"


def test_guests_have_coupons_write_reviews_and_invite(rows: list[Any]) -> None:
    coupon, review, invite = *rows[len(DATA) + 1 : len(DATA) + 3], rows[len(SOUND) - 1]

    assert (coupon["reason"], coupon["coupon"]["account_id"]) == (None, None)
    assert (review["reason"], review["review"]["account_id"]) == (None, None)
    assert (invite["reason"], invite["invite"]["account_id"]) == (None, None)


def test_a_review_whose_rating_was_changed_is_a_version_of_the_same_record(rows: list[Any]) -> None:
    first, changed_later = rows[list(DATA).index("shop.review.written")], rows[len(DATA) + 3]

    assert first["record_id"] == changed_later["record_id"]
    assert (first["version"], changed_later["version"]) == (None, 1)
    assert first["payload_hash"] != changed_later["payload_hash"]


def test_who_registers_need_neither_be_invited_nor_give_a_hint(rows: list[Any]) -> None:
    account = rows[len(DATA) + 4]["account"].asDict()

    assert account == {
        **WHO,
        **dict.fromkeys(HINTS),
        "invite_id": None,
        "registered_at": datetime(2026, 3, 2, 15, 59, 59),
    }


def test_the_day_is_that_of_the_market_whatever_the_offset(rows: list[Any]) -> None:
    before, after = rows[len(DATA) + 4 : len(DATA) + 6]

    assert (before["event_day"], after["event_day"]) == (date(2026, 3, 2), date(2026, 3, 3))


@pytest.mark.parametrize(("place", "broken", "reason"), [(place, *pair) for place, pair in enumerate(BROKEN)])
def test_an_event_that_breaks_a_rule_is_kept_with_its_reason(
    rows: list[Any], place: int, broken: dict[str, Any], reason: str
) -> None:
    bad = rows[len(SOUND) + place]

    assert (bad["reason"], bad["target"], bad["event_day"], bad["record_id"]) == (reason, None, None, None)
    assert bad["rule"]
    assert bytes(bad["original"]) == json.dumps(broken).encode()
