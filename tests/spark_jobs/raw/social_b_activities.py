"""Activities of social_b, one of each kind with what it becomes, and broken ones with the reason that they get."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from spark_jobs.raw.social_b import KINDS, SIGNS

TEN_IN_THE_MORNING_MS = 1772416800000  # 2 March 2026, 10:00 in Shanghai
VIEW = {
    "activityId": "act_1",
    "eventType": "view",
    "occurredAt": TEN_IN_THE_MORNING_MS,
    "user": {"userId": "usr_1"},
    "item": {"itemId": "itm_1", "title": "青花茶杯"},
}
ORDER = {"orderId": "ord_1", "quantity": 3, "unitPriceFen": 1999, "country": "CN"}
LINE = {**VIEW, "eventType": "orderLine", "order": ORDER}
AT = datetime(2026, 3, 2, 2, 0)
HASH = "0123456789abcdef" * 4
HEADER = {"orderId": "ord_1", "amountFen": 5997, "lineCount": 2, "country": "CN"}
ITEM = {"itemId": "itm_1", "title": "青花茶杯", "category": "tea", "merchantId": "M000007", "listPriceFen": 2499}
REPORT = {"campaignId": "C001", "impressions": 40, "clicks": 3, "costFen": 1250}
CONTRACT_TERMS = {"feeFen": 80000, "days": 30}


def activity(kind: str, **said: object) -> dict[str, Any]:
    """An activity of an account with what its kind has beside."""
    return {**of_nobody(kind), "user": {"userId": "usr_1"}, **said}


def of_nobody(kind: str, **said: object) -> dict[str, Any]:
    """What the platform tells of no account."""
    return {"activityId": "act_1", "eventType": kind, "occurredAt": TEN_IN_THE_MORNING_MS, **said}


def review(rating: object, **of: object) -> dict[str, Any]:
    """A review of an item of an order."""
    order = {"item": {"itemId": "itm_1", "title": "青花茶杯"}, "order": {"orderId": "ord_1"}}
    return activity("review", **{**order, "review": {"rating": rating}, **of})


OF_EACH_KIND: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        activity("account", hints={"phoneSha256": HASH, "emailSha256": HASH}),
        {
            "visitor_id": "usr_1",
            "account_id": "usr_1",
            "phone_sha256": HASH,
            "email_sha256": HASH,
            "device_sha256": None,
            "invite_id": None,
            "registered_at": AT,
        },
    ),
    *(
        (
            activity(kind, target={"userId": "usr_2"}),
            {
                "account_id": "usr_1",
                "followed_account_id": "usr_2",
                "is_following": is_following,
                "occurred_at": AT,
            },
        )
        for kind, is_following in (("follow", True), ("unfollow", False))
    ),
    (
        activity("video", video={"videoId": "vid_1"}, item={"itemId": "itm_1", "title": "青花茶杯"}),
        {"post_id": "vid_1", "account_id": "usr_1", "product_id": "itm_1", "posted_at": AT},
    ),
    (
        activity("video", video={"videoId": "vid_1"}),
        {"post_id": "vid_1", "account_id": "usr_1", "product_id": None, "posted_at": AT},
    ),
    (
        activity("repost", video={"videoId": "vid_1"}, via={"userId": "usr_3"}),
        {"post_id": "vid_1", "account_id": "usr_1", "parent_account_id": "usr_3", "reposted_at": AT},
    ),
    (
        activity("repost", video={"videoId": "vid_1"}),
        {"post_id": "vid_1", "account_id": "usr_1", "parent_account_id": None, "reposted_at": AT},
    ),
    *(
        (
            {**VIEW, "eventType": name},
            {
                "kind": kind,
                "visitor_id": "usr_1",
                "account_id": "usr_1",
                "product_id": "itm_1",
                "occurred_at": AT,
            },
        )
        for name, kind in KINDS.items()
    ),
    (
        of_nobody("item", item=ITEM),
        {
            "product_id": "itm_1",
            "product_name": "青花茶杯",
            "category": "tea",
            "merchant_id": "M000007",
            "list_price": Decimal("24.9900"),
            "currency": "CNY",
            "listed_at": AT,
        },
    ),
    (
        activity("order", order=HEADER),
        {
            "order_id": "ord_1",
            "visitor_id": "usr_1",
            "account_id": "usr_1",
            "amount": Decimal("59.9700"),
            "currency": "CNY",
            "line_count": 2,
            "country": "CN",
            "placed_at": AT,
        },
    ),
    *(
        (
            {**LINE, "eventType": kind},
            {
                "order_id": "ord_1",
                "product_id": "itm_1",
                "product_name": "青花茶杯",
                "account_id": "usr_1",
                "quantity": 3 * sign,
                "unit_price": Decimal("19.9900"),
                "currency": "CNY",
                "amount": sign * Decimal("59.9700"),
                "is_cancellation": sign < 0,
                "ordered_at": AT,
                "country": "CN",
            },
        )
        for kind, sign in SIGNS.items()
    ),
    (
        review(5),
        {
            "order_id": "ord_1",
            "product_id": "itm_1",
            "visitor_id": "usr_1",
            "account_id": "usr_1",
            "rating": 5,
            "reviewed_at": AT,
        },
    ),
    (
        of_nobody("adReport", report=REPORT),
        {
            "campaign_id": "C001",
            "impressions": 40,
            "clicks": 3,
            "cost": Decimal("12.5000"),
            "currency": "CNY",
            "reported_at": AT,
        },
    ),
    (
        activity("creatorContract", contract=CONTRACT_TERMS),
        {
            "account_id": "usr_1",
            "fee": Decimal("800.0000"),
            "currency": "CNY",
            "duration_days": 30,
            "signed_at": AT,
        },
    ),
]


def line(**changes: object) -> dict[str, Any]:
    """An order line of which the order is changed."""
    return {**LINE, "order": {name: value for name, value in {**ORDER, **changes}.items() if value is not None}}


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({**VIEW, "eventType": "teleport"}, "unknown_type"),
    ({**VIEW, "eventType": None}, "unknown_type"),
    ({**VIEW, "activityId": ""}, "missing_id"),
    ({**VIEW, "occurredAt": None}, "invalid_time"),
    ({**VIEW, "occurredAt": -1}, "invalid_time"),
    ({**VIEW, "occurredAt": 10**30}, "invalid_time"),
    ({**VIEW, "occurredAt": "1772416800000"}, "wrong_type"),
    ({**VIEW, "rev": 10**20}, "invalid_revision"),
    ({**VIEW, "user": {}}, "missing_account"),
    ({**VIEW, "item": {"title": "a"}}, "missing_product"),
    (line(orderId=None), "missing_order"),
    (line(quantity=0), "invalid_quantity"),
    (line(unitPriceFen=-1), "invalid_price"),
    (line(unitPriceFen=10**15, quantity=1000), "invalid_amount"),
    (of_nobody("account"), "missing_account"),
    (activity("account", hints={"deviceSha256": HASH[1:]}), "invalid_hint"),
    (activity("follow"), "missing_followed_account_id"),
    (activity("video", video={"videoId": ""}), "missing_post_id"),
    (activity("repost"), "missing_post_id"),
    (of_nobody("item", item={**ITEM, "title": ""}), "missing_product_name"),
    (of_nobody("item", item={**ITEM, "listPriceFen": -1}), "invalid_list_price"),
    (of_nobody("item", item={**ITEM, "listPriceFen": None}), "missing_list_price"),
    (of_nobody("order", order=HEADER), "missing_account"),
    (activity("order", order={**HEADER, "amountFen": -1}), "invalid_order_amount"),
    (activity("order", order={**HEADER, "amountFen": None}), "missing_amount"),
    (activity("order", order={**HEADER, "lineCount": 0}), "invalid_line_count"),
    (review(0), "invalid_rating"),
    (review(6), "invalid_rating"),
    (review(None), "missing_rating"),
    (review(5, order={}), "missing_order_id"),
    (review(5, item={}), "missing_product_id"),
    (of_nobody("adReport", report={**REPORT, "campaignId": None}), "missing_campaign_id"),
    (of_nobody("adReport", report={**REPORT, "impressions": -1}), "invalid_impressions"),
    (of_nobody("adReport", report={**REPORT, "clicks": -1}), "invalid_clicks"),
    (of_nobody("adReport", report={**REPORT, "costFen": -1}), "invalid_cost"),
    (activity("creatorContract", contract={**CONTRACT_TERMS, "feeFen": -1}), "invalid_fee"),
    (activity("creatorContract", contract={**CONTRACT_TERMS, "days": 100_000}), "invalid_duration_days"),
    ({**VIEW, "occurredAt": 1}, "before_first_day"),
    ({**VIEW, "occurredAt": 999_999_999_999_999}, "too_far_in_future"),
]
