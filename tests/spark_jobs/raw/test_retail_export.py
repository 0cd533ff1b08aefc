from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from expectations.contract import CONTRACTS, read_contract
from tests.support.home import order_line
from tests.support.mapped import mapped
from tests.support.retail_sample import Line, write_export

CONTRACT = read_contract(CONTRACTS / "raw" / "retail_export.odcs.yaml")


def made(spark: SparkSession, folder: Path, lines: list[Line]) -> list[Any]:
    """What the mapping makes of some lines of one export received on 3 March 2026."""
    return mapped(spark, CONTRACT, write_export(folder / "export.csv.gz", lines))


def test_a_good_line_becomes_a_typed_payload(spark: SparkSession, tmp_path: Path) -> None:
    (row,) = made(spark, tmp_path, [order_line(quantity=4, price="2.55")])

    assert (row["target"], row["event_day"], row["reason"], row["original"]) == (
        "events.order_line",
        date(2026, 3, 2),
        None,
        None,
    )
    payload = row["order_line"].asDict()
    assert payload["amount"] == Decimal("10.2000")
    assert (payload["account_id"], payload["currency"], payload["is_cancellation"]) == ("10001", "GBP", False)


def test_the_wall_clock_of_summer_is_an_hour_ahead_of_utc(spark: SparkSession, tmp_path: Path) -> None:
    (row,) = made(spark, tmp_path, [order_line(at="2025-07-01 00:30:00")])

    assert row["order_line"]["ordered_at"] == datetime(2025, 6, 30, 23, 30)
    assert row["event_day"] == date(2025, 7, 1)


def test_real_dirt_is_no_error(spark: SparkSession, tmp_path: Path) -> None:
    rows = made(
        spark,
        tmp_path,
        [
            order_line(customer=""),
            order_line(invoice="C500001", quantity=-4),
            order_line(invoice="A500001", price="-11062.06"),
            order_line(name=""),
            order_line(quantity=-10, price="0.0"),
        ],
    )

    assert [row["reason"] for row in rows] == [None] * 5
    assert [row["order_line"]["is_cancellation"] for row in rows] == [False, True, False, False, False]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (order_line(quantity="2.7"), "invalid_quantity"),
        (order_line(quantity="three"), "invalid_quantity"),
        (order_line(quantity="99999999999999999999"), "invalid_quantity"),
        (order_line(price="1e3"), "invalid_price"),
        (order_line(price=""), "invalid_price"),
        (order_line(at="2026-02-30 10:00:00"), "invalid_time"),
        (order_line(at="2026-3-2 10:00:00"), "invalid_time"),
        (order_line(invoice=""), "missing_invoice"),
        (order_line(product=""), "missing_product"),
        (order_line(at="2009-11-30 10:00:00"), "before_first_day"),
        (order_line(at="2026-03-05 10:00:00"), "too_far_in_future"),
    ],
)
def test_a_line_that_breaks_a_rule_is_kept_with_its_reason(
    spark: SparkSession, tmp_path: Path, line: Line, reason: str
) -> None:
    bad, good = made(spark, tmp_path, [line, order_line()])

    assert (bad["reason"], bad["target"], bad["event_day"], bad["record_id"]) == (reason, None, None, None)
    assert bad["rule"]
    assert bytes(bad["original"]).startswith(line[0].encode())
    assert good["reason"] is None


def test_only_an_exact_copy_has_the_same_identity(spark: SparkSession, tmp_path: Path) -> None:
    variants = [order_line(), order_line(), order_line(name="TEA TOWEL!"), order_line(country="France")]

    ids = [row["record_id"] for row in made(spark, tmp_path, variants)]

    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
