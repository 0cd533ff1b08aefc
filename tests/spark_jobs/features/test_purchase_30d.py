import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
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


def test_an_order_that_began_before_the_window_counts_by_its_later_line(spark: SparkSession) -> None:
    row = summed(spark, [line(0, "10", "1"), line(5, "5", "1")], 4, 31, 34)

    assert [row[day]["orders"] for day in (4, 31, 34)] == [1, 1, 1]
    assert [row[day]["purchase_days"] for day in (4, 31, 34)] == [1, 1, 1]


DEFINITION = """
    select (day - date '2026-03-01')::int as offset_days,
        count(distinct order_id) filter (bought) as orders, count(distinct line_day) filter (bought) as purchase_days,
        coalesce(sum(quantity) filter (bought), 0)::bigint as units,
        coalesce(sum(amount) filter (bought), 0)::decimal(18, 4) as gross_sales,
        -coalesce(sum(amount) filter (not bought), 0)::decimal(18, 4) as returns
    from (select *, not cancelled and quantity > 0 as bought from line)
    join (select unnest(generate_series(date '2026-03-01', date '2026-04-19', interval 1 day))::date as day)
        on line_day between day - 29 and day
    where (day - date '2026-03-01') in (3, 29, 30, 31, 35, 36, 49)
    group by 1 order by 1
"""


def test_random_lines_are_summed_as_the_definition_says(spark: SparkSession) -> None:
    dice = random.Random(7)
    orders = [str(number) for number in range(12)]
    lines = [
        line(dice.randrange(45), str(dice.randint(1, 9)), dice.choice(orders), dice.randint(-1, 2), dice.random() < 0.2)
        for _ in range(120)
    ]
    with duckdb.connect() as connection:
        form = "line_day date, order_id varchar, quantity int, amount decimal(18, 4), cancelled boolean"
        connection.execute(f"create table line ({form})")
        connection.executemany("insert into line values (?, ?, ?, ?, ?)", [(one[0], *one[4:]) for one in lines])
        expected = connection.execute(DEFINITION).fetchall()

    found = summed(spark, lines, 3, 29, 30, 31, 35, 36, 49)

    columns = ("orders", "purchase_days", "units", "gross_sales", "returns")
    assert [(day, *(row[c] for c in columns)) for day, row in sorted(found.items())] == expected
