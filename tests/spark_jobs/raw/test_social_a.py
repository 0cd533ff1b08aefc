import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from expectations.contract import CONTRACTS, read_contract
from spark_jobs.raw.social_a import TARGETS
from tests.support.mapped import mapped

CONTRACT = read_contract(CONTRACTS / "raw" / "social_a.odcs.yaml")
SHARE = {
    "activity_id": 12,
    "kind": "share",
    "created_at": "2026-03-02 23:59:59",
    "account_id": 10000007,
    "share_id": 77,
    "link_product_id": "p000001",
}
CLICK = {**SHARE, "activity_id": 13, "kind": "click"}
ACCOUNT = 10000007
SENT_AT = datetime(2026, 3, 2, 15, 59, 59)
HASH = "0123456789abcdef" * 4


def activity(kind: str, **said: object) -> dict[str, Any]:
    """An activity of an account with what its kind has beside."""
    return {"activity_id": 12, "kind": kind, "created_at": "2026-03-02 23:59:59", "account_id": ACCOUNT, **said}


def report(**said: object) -> dict[str, Any]:
    """A report on a campaign, which is nobody's."""
    numbers = {"campaign_id": "C002", "impressions": 40, "clicks": 3, "cost_yuan": "12.50"}
    return {name: value for name, value in activity("ad_report", **numbers | said).items() if name != "account_id"}


OF_EACH_KIND: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        activity("account", phone_sha256=HASH, device_sha256=HASH),
        {
            "visitor_id": "10000007",
            "account_id": "10000007",
            "phone_sha256": HASH,
            "email_sha256": None,
            "device_sha256": HASH,
            "invite_id": None,
            "registered_at": SENT_AT,
        },
    ),
    *(
        (
            activity(kind, followed_account_id=10000008),
            {
                "account_id": "10000007",
                "followed_account_id": "10000008",
                "is_following": is_following,
                "occurred_at": SENT_AT,
            },
        )
        for kind, is_following in (("follow", True), ("unfollow", False))
    ),
    (
        activity("post", post_id=5, link_product_id="p000001"),
        {"post_id": "5", "account_id": "10000007", "product_id": "p000001", "posted_at": SENT_AT},
    ),
    (
        activity("post", post_id=5),
        {"post_id": "5", "account_id": "10000007", "product_id": None, "posted_at": SENT_AT},
    ),
    (
        activity("repost", post_id=5, via_account_id=10000009),
        {"post_id": "5", "account_id": "10000007", "parent_account_id": "10000009", "reposted_at": SENT_AT},
    ),
    (
        activity("repost", post_id=5),
        {"post_id": "5", "account_id": "10000007", "parent_account_id": None, "reposted_at": SENT_AT},
    ),
    *(
        (
            activity(kind, link_product_id="p000001"),
            {
                "kind": kind,
                "visitor_id": "10000007",
                "account_id": "10000007",
                "product_id": "p000001",
                "occurred_at": SENT_AT,
            },
        )
        for kind in ("share", "click")
    ),
    (
        report(),
        {
            "campaign_id": "C002",
            "impressions": 40,
            "clicks": 3,
            "cost": Decimal("12.5000"),
            "currency": "CNY",
            "reported_at": SENT_AT,
        },
    ),
    (
        activity("creator_contract", fee_yuan="800.00", days=30),
        {
            "account_id": "10000007",
            "fee": Decimal("800.0000"),
            "currency": "CNY",
            "duration_days": 30,
            "signed_at": SENT_AT,
        },
    ),
]
BROKEN: list[tuple[dict[str, Any], str]] = [
    ({**SHARE, "kind": "teleport"}, "unknown_type"),
    ({**SHARE, "activity_id": None}, "missing_id"),
    ({**SHARE, "activity_id": "12"}, "wrong_type"),
    ({**SHARE, "created_at": "2026-02-30 10:00:00"}, "invalid_time"),
    ({**SHARE, "created_at": "2026-03-02T10:00:00"}, "invalid_time"),
    ({**SHARE, "edit": 10**20}, "invalid_revision"),
    ({**SHARE, "account_id": None}, "invalid_account"),
    ({**CLICK, "account_id": -1}, "invalid_account"),
    (activity("account", account_id=None), "invalid_account"),
    (activity("account", phone_sha256=HASH.upper()), "invalid_hint"),
    (activity("account", email_sha256="a@example.org"), "invalid_hint"),
    (activity("follow"), "missing_followed_account_id"),
    (activity("follow", followed_account_id=-1), "invalid_followed_account_id"),
    (activity("post"), "missing_post_id"),
    (activity("post", post_id=10**20), "invalid_post_id"),
    (activity("repost", post_id=5, via_account_id=-1), "invalid_parent_account_id"),
    (report(campaign_id=None), "missing_campaign_id"),
    (report(impressions=-1), "invalid_impressions"),
    (report(clicks=None), "missing_clicks"),
    (report(clicks=-1), "invalid_clicks"),
    (report(cost_yuan="12.5"), "invalid_cost"),
    (report(cost_yuan="-1.00"), "invalid_cost"),
    (activity("creator_contract", days=30), "missing_fee"),
    (activity("creator_contract", fee_yuan="1e3", days=30), "invalid_fee"),
    (activity("creator_contract", fee_yuan="800.00"), "missing_duration_days"),
    (activity("creator_contract", fee_yuan="800.00", days=0), "invalid_duration_days"),
    ({**SHARE, "created_at": "2025-12-31 23:59:59"}, "before_first_day"),
    ({**SHARE, "created_at": "2026-03-05 00:00:00"}, "too_far_in_future"),
]


def rows(spark: SparkSession, folder: Path, *activities: dict[str, Any]) -> list[Any]:
    """What the mapping makes of the activities of one page."""
    file = folder / "00000001-beginning.page.json"
    file.write_text(json.dumps({"data": activities, "paging": {"next": "c", "has_more": False}}))
    return mapped(spark, CONTRACT, file)


@pytest.fixture(scope="module")
def of_each_kind(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    return rows(spark, tmp_path_factory.mktemp("each"), *[sent for sent, _ in OF_EACH_KIND])


def test_each_kind_that_is_asked_for_is_known_and_tested_and_no_other() -> None:
    assert CONTRACT.source is not None
    assert CONTRACT.source.api is not None
    assert CONTRACT.source.api.kinds == tuple(TARGETS)
    assert {sent["kind"] for sent, _ in OF_EACH_KIND} == TARGETS.keys()
    assert set(CONTRACT.source.targets) == set(TARGETS.values())


@pytest.mark.parametrize("place", range(len(OF_EACH_KIND)), ids=[sent["kind"] for sent, _ in OF_EACH_KIND])
def test_an_activity_fills_the_table_of_its_kind(of_each_kind: list[Any], place: int) -> None:
    row, (sent, payload) = of_each_kind[place], OF_EACH_KIND[place]
    target = TARGETS[sent["kind"]]

    assert (row["target"], row["event_day"], row["reason"]) == (target, date(2026, 3, 2), None)
    assert row[target.removeprefix("events.")].asDict() == payload


def test_what_nobody_asked_of_is_kept_beside_the_activity(spark: SparkSession, tmp_path: Path) -> None:
    (row,) = rows(spark, tmp_path, SHARE)

    assert row["extra"] == {"share_id": "77"}


def test_who_opens_a_link_need_not_be_known_nor_lead_to_a_product(spark: SparkSession, tmp_path: Path) -> None:
    (row,) = rows(spark, tmp_path, {**CLICK, "account_id": None, "link_product_id": None})

    click = row["interaction"].asDict()
    assert (row["reason"], click["kind"]) == (None, "click")
    assert (click["visitor_id"], click["account_id"], click["product_id"]) == (None, None, None)


def test_the_id_identifies_an_activity_and_edit_is_its_version(spark: SparkSession, tmp_path: Path) -> None:
    first, edited = rows(spark, tmp_path, SHARE, {**SHARE, "link_product_id": "p2", "edit": 1})

    assert first["record_id"] == edited["record_id"]
    assert first["payload_hash"] != edited["payload_hash"]
    assert (first["version"], edited["version"]) == (None, 1)


@pytest.fixture(scope="module")
def judged(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    return rows(spark, tmp_path_factory.mktemp("broken"), *[broken for broken, _ in BROKEN], SHARE)


@pytest.mark.parametrize(("place", "reason"), [(place, reason) for place, (_, reason) in enumerate(BROKEN)])
def test_an_activity_that_breaks_a_rule_is_kept_with_its_reason(judged: list[Any], place: int, reason: str) -> None:
    bad = judged[place]

    assert (bad["reason"], bad["target"], bad["event_day"], bad["record_id"]) == (reason, None, None, None)
    assert bad["rule"]
    assert bytes(bad["original"]) == json.dumps(BROKEN[place][0]).encode()


def test_what_stands_beside_broken_activities_is_good(judged: list[Any]) -> None:
    assert judged[-1]["reason"] is None
