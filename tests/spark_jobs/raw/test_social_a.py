import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from expectations.contract import CONTRACTS, read_contract
from spark_jobs.raw.social_a import KINDS
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
BROKEN: list[tuple[dict[str, Any], str]] = [
    ({**SHARE, "kind": "teleport"}, "unknown_type"),
    ({**SHARE, "activity_id": None}, "missing_id"),
    ({**SHARE, "activity_id": "12"}, "wrong_type"),
    ({**SHARE, "created_at": "2026-02-30 10:00:00"}, "invalid_time"),
    ({**SHARE, "created_at": "2026-03-02T10:00:00"}, "invalid_time"),
    ({**SHARE, "edit": 10**20}, "invalid_revision"),
    ({**SHARE, "account_id": None}, "invalid_account"),
    ({**CLICK, "account_id": -1}, "invalid_account"),
    ({**SHARE, "created_at": "2025-12-31 23:59:59"}, "before_first_day"),
    ({**SHARE, "created_at": "2026-03-05 00:00:00"}, "too_far_in_future"),
]


def rows(spark: SparkSession, folder: Path, *activities: dict[str, Any]) -> list[Any]:
    """What the mapping makes of the activities of one page."""
    file = folder / "00000001-beginning.page.json"
    file.write_text(json.dumps({"data": activities, "paging": {"next": "c", "has_more": False}}))
    return mapped(spark, CONTRACT, file)


def test_a_link_that_is_sent_is_an_interaction_of_its_sender(spark: SparkSession, tmp_path: Path) -> None:
    (row,) = rows(spark, tmp_path, SHARE)

    assert (row["target"], row["event_day"], row["reason"]) == ("events.interaction", date(2026, 3, 2), None)
    assert row["interaction"].asDict() == {
        "kind": "share",
        "visitor_id": "10000007",
        "account_id": "10000007",
        "product_id": "p000001",
        "occurred_at": datetime(2026, 3, 2, 15, 59, 59),
    }
    assert row["extra"] == {"share_id": "77"}


def test_who_opens_a_link_need_not_be_known_nor_lead_to_a_product(spark: SparkSession, tmp_path: Path) -> None:
    (row,) = rows(spark, tmp_path, {**CLICK, "account_id": None, "link_product_id": None})

    click = row["interaction"].asDict()
    assert (row["reason"], click["kind"]) == (None, "click")
    assert (click["visitor_id"], click["account_id"], click["product_id"]) == (None, None, None)


def test_the_kinds_that_are_asked_for_are_those_that_are_known() -> None:
    assert CONTRACT.source is not None
    assert CONTRACT.source.api is not None
    assert CONTRACT.source.api.kinds == tuple(KINDS)


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
