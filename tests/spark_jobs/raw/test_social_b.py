import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from expectations.contract import CONTRACTS, read_contract
from spark_jobs.raw.social_b import KINDS, SIGNS
from tests.support.mapped import mapped

CONTRACT = read_contract(CONTRACTS / "raw" / "social_b.odcs.yaml")
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
    ({**VIEW, "occurredAt": 1}, "before_first_day"),
    ({**VIEW, "occurredAt": 999_999_999_999_999}, "too_far_in_future"),
]


def rows(spark: SparkSession, folder: Path, *activities: dict[str, Any]) -> list[Any]:
    """What the mapping makes of the activities of one page."""
    file = folder / "00000001-beginning.page.json"
    page = {"code": 0, "result": {"items": activities, "nextCursor": "c", "hasMore": False}}
    file.write_text(json.dumps(page))
    return mapped(spark, CONTRACT, file)


def test_an_interaction_is_that_of_an_account_as_everybody_is_signed_in(spark: SparkSession, tmp_path: Path) -> None:
    (row,) = rows(spark, tmp_path, VIEW)

    assert (row["target"], row["event_day"], row["reason"]) == ("events.interaction", date(2026, 3, 2), None)
    assert row["interaction"].asDict() == {
        "kind": "view",
        "visitor_id": "usr_1",
        "account_id": "usr_1",
        "product_id": "itm_1",
        "occurred_at": datetime(2026, 3, 2, 2, 0),
    }


def test_every_kind_that_is_asked_for_is_known_and_no_other(spark: SparkSession, tmp_path: Path) -> None:
    assert CONTRACT.source is not None
    assert CONTRACT.source.api is not None
    assert CONTRACT.source.api.kinds == (*KINDS, *SIGNS)

    found = rows(spark, tmp_path, *[{**VIEW, "eventType": name} for name in KINDS])
    assert [row["interaction"]["kind"] for row in found] == list(KINDS.values())


@pytest.mark.parametrize(("kind", "sign"), SIGNS.items())
def test_a_line_has_its_price_in_yuan_and_a_cancelled_one_takes_it_back(
    spark: SparkSession, tmp_path: Path, kind: str, sign: int
) -> None:
    (row,) = rows(spark, tmp_path, {**LINE, "eventType": kind})

    found = row["order_line"].asDict()
    assert (row["target"], found["order_id"], found["product_name"]) == ("events.order_line", "ord_1", "青花茶杯")
    assert (found["unit_price"], found["amount"]) == (Decimal("19.9900"), sign * Decimal("59.9700"))
    assert (found["quantity"], found["is_cancellation"], found["currency"]) == (3 * sign, sign < 0, "CNY")


def test_a_field_under_another_name_is_kept_beside_the_activity(spark: SparkSession, tmp_path: Path) -> None:
    (row,) = rows(spark, tmp_path, {**LINE, "item": {"itemId": "itm_1", "name": "茶杯"}})

    assert (row["reason"], row["order_line"]["product_name"]) == (None, None)
    assert row["extra"] == {"item.name": '"茶杯"'}


def test_the_id_identifies_an_activity_and_rev_is_its_version(spark: SparkSession, tmp_path: Path) -> None:
    first, revised = rows(spark, tmp_path, LINE, {**line(quantity=4), "rev": 1})

    assert first["record_id"] == revised["record_id"]
    assert first["payload_hash"] != revised["payload_hash"]
    assert (first["version"], revised["version"]) == (None, 1)


@pytest.fixture(scope="module")
def judged(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    return rows(spark, tmp_path_factory.mktemp("broken"), *[broken for broken, _ in BROKEN], VIEW)


@pytest.mark.parametrize(("place", "reason"), [(place, reason) for place, (_, reason) in enumerate(BROKEN)])
def test_an_activity_that_breaks_a_rule_is_kept_with_its_reason(judged: list[Any], place: int, reason: str) -> None:
    bad = judged[place]

    assert (bad["reason"], bad["target"], bad["event_day"], bad["record_id"]) == (reason, None, None, None)
    assert bad["rule"]
    assert bytes(bad["original"]) == json.dumps(BROKEN[place][0]).encode()


def test_what_stands_beside_broken_activities_is_good(judged: list[Any]) -> None:
    assert (judged[-1]["reason"], judged[-1]["position"]) == (None, len(BROKEN) + 1)
