from datetime import date
from decimal import Decimal
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from spark_jobs.features.user_value import user_value

LINE = (
    "day date, namespace string, account_id string, currency string, order_id string, quantity long, "
    "amount decimal(18,4), is_cancellation boolean"
)
STATE = (
    "day date, namespace string, account_id string, currency string, first_purchase_day date, last_purchase_day date, "
    "frequency long, recency_days long, t_days long, monetary decimal(18,4), repeat_sales decimal(18,4)"
)


def on(day: int) -> date:
    """A day of March 2026."""
    return date(2026, 3, day)


def line(
    day: int, amount: str, account: str | None = "a", quantity: int = 1, cancelled: bool = False
) -> tuple[Any, ...]:
    """One order line."""
    return (on(day), "shop", account, "GBP", f"{day}", quantity, Decimal(amount), cancelled)


def valued(
    spark: SparkSession, lines: list[tuple[Any, ...]], days: list[int], previous: DataFrame | None = None
) -> dict[date, dict[str, Any]]:
    """The value of account a by day."""
    frame = spark.createDataFrame(lines, LINE)
    spine = spark.createDataFrame([(on(day),) for day in days], "day date")
    state = spark.createDataFrame([], STATE) if previous is None else previous
    rows = user_value(frame, spine, state).where("account_id = 'a'").collect()
    return {row["day"]: row.asDict() for row in rows}


def test_a_first_purchase_is_no_repeat(spark: SparkSession) -> None:
    row = valued(spark, [line(2, "10")], [1, 2])[on(2)]

    assert (row["frequency"], row["recency_days"], row["t_days"], row["monetary"]) == (0, 0, 0, Decimal("0.0000"))


def test_monetary_is_the_mean_of_the_days_after_the_first(spark: SparkSession) -> None:
    row = valued(spark, [line(1, "99"), line(3, "10"), line(3, "2"), line(5, "6")], [1, 2, 3, 4, 5, 6])[on(6)]

    assert (row["frequency"], row["recency_days"], row["t_days"]) == (2, 4, 5)
    assert (row["monetary"], row["repeat_sales"]) == (Decimal("9.0000"), Decimal("18.0000"))


def test_an_account_has_a_row_on_every_day_from_its_first_purchase_on(spark: SparkSession) -> None:
    assert sorted(valued(spark, [line(2, "10")], [1, 2, 3, 4])) == [on(2), on(3), on(4)]


def test_guests_cancellations_and_returns_are_no_purchases(spark: SparkSession) -> None:
    lines = [line(1, "10", account=None), line(1, "-5", quantity=-1, cancelled=True), line(1, "-5", quantity=-1)]

    assert valued(spark, lines, [1]) == {}


def test_days_built_one_by_one_are_those_built_in_one_go(spark: SparkSession) -> None:
    lines = [line(1, "99"), line(3, "10"), line(5, "6")]
    at_once = valued(spark, lines, [1, 2, 3, 4, 5])

    state: DataFrame | None = None
    for day in (1, 2, 3, 4, 5):
        todays = spark.createDataFrame([one for one in lines if one[0] == on(day)], LINE)
        spine = spark.createDataFrame([(on(day),)], "day date")
        empty = spark.createDataFrame([], STATE)
        rows = user_value(todays, spine, state if state is not None else empty).collect()
        assert {row["day"]: row.asDict() for row in rows} == {on(day): at_once[on(day)]}
        state = spark.createDataFrame(rows, STATE)
