from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from pyspark.sql import SparkSession

from spark_jobs.features.purchase_30d import purchase_30d
from tests.spark_jobs.features.test_user_value import LINE

START = date(2026, 3, 1)


def line(offset: int, amount: str, order: str = "1", quantity: int = 1, cancelled: bool = False) -> tuple[Any, ...]:
    """One order line, `offset` days after the start."""
    return (START + timedelta(days=offset), "shop", "a", "GBP", order, quantity, Decimal(amount), cancelled)


def summed(spark: SparkSession, lines: list[tuple[Any, ...]], *offsets: int) -> dict[int, dict[str, Any]]:
    """The feature by day, as days after the start."""
    spine = spark.createDataFrame([(START + timedelta(days=offset),) for offset in offsets], "day date")
    rows = purchase_30d(spark.createDataFrame(lines, LINE), spine).collect()
    return {(row["day"] - START).days: row.asDict() for row in rows}


def test_a_line_counts_on_its_day_and_the_29_after_it(spark: SparkSession) -> None:
    assert sorted(summed(spark, [line(0, "10")], *range(32))) == list(range(30))


def test_an_order_of_two_days_is_one_order(spark: SparkSession) -> None:
    row = summed(spark, [line(0, "10", "1"), line(1, "5", "1"), line(1, "5", "2")], 1)[1]

    assert (row["orders"], row["purchase_days"], row["units"]) == (2, 2, 3)


def test_cancellations_are_returns_and_no_orders(spark: SparkSession) -> None:
    row = summed(spark, [line(0, "10"), line(1, "-4", "C1", -1, cancelled=True)], 1)[1]

    assert (row["orders"], row["gross_sales"], row["returns"], row["net_sales"]) == (
        1,
        Decimal("10.0000"),
        Decimal("4.0000"),
        Decimal("6.0000"),
    )


def test_only_the_asked_days_come_out(spark: SparkSession) -> None:
    assert sorted(summed(spark, [line(0, "10")], 3, 7)) == [3, 7]
