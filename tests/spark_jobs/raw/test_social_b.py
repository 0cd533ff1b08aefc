import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from expectations.contract import CONTRACTS, read_contract
from spark_jobs.raw.social_b import TARGETS
from tests.spark_jobs.raw.social_b_activities import BROKEN, LINE, OF_EACH_KIND, VIEW, line
from tests.support.mapped import mapped

CONTRACT = read_contract(CONTRACTS / "raw" / "social_b.odcs.yaml")


def rows(spark: SparkSession, folder: Path, *activities: dict[str, Any]) -> list[Any]:
    """What the mapping makes of the activities of one page."""
    file = folder / "00000001-beginning.page.json"
    page = {"code": 0, "result": {"items": activities, "nextCursor": "c", "hasMore": False}}
    file.write_text(json.dumps(page))
    return mapped(spark, CONTRACT, file)


@pytest.fixture(scope="module")
def of_each_kind(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    return rows(spark, tmp_path_factory.mktemp("each"), *[sent for sent, _ in OF_EACH_KIND])


def test_each_kind_that_is_asked_for_is_known_and_tested_and_no_other() -> None:
    assert CONTRACT.source is not None
    assert CONTRACT.source.api is not None
    assert CONTRACT.source.api.kinds == tuple(TARGETS)
    assert {sent["eventType"] for sent, _ in OF_EACH_KIND} == TARGETS.keys()
    assert set(CONTRACT.source.targets) == set(TARGETS.values())


@pytest.mark.parametrize("place", range(len(OF_EACH_KIND)), ids=[sent["eventType"] for sent, _ in OF_EACH_KIND])
def test_an_activity_fills_the_table_of_its_kind(of_each_kind: list[Any], place: int) -> None:
    row, (sent, payload) = of_each_kind[place], OF_EACH_KIND[place]
    target = TARGETS[sent["eventType"]]

    assert (row["target"], row["event_day"], row["reason"]) == (target, date(2026, 3, 2), None)
    assert row[target.removeprefix("events.")].asDict() == payload


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
