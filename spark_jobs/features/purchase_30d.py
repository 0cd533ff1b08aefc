"""What an account bought and returned in the last 30 days, as of the end of each day."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_jobs.functions.purchases import ACCOUNT_KEY, MONEY, is_purchase, of_known_accounts

WINDOW_DAYS = 30


def purchase_30d(order_line: DataFrame, days: DataFrame) -> DataFrame:
    """Sum the order lines of each account over [day - 29, day]; a row per day, namespace, account_id and currency.

    `order_line` covers the 29 days before the first of `days` (one column `day`) to the last of them. An account has a
    row on the days whose window holds a line of it. gross_sales are the amounts of purchases; returns those of all
    other lines with the sign turned, so that net_sales = gross_sales - returns is the sum of all amounts.
    """
    in_window = _orders_by_day(order_line).select(
        "*", F.explode(F.sequence("line_day", F.date_add("line_day", WINDOW_DAYS - 1))).alias("day")
    )
    due = in_window.join(F.broadcast(days.select("day")), on="day", how="left_semi")
    # An order may have lines on two days, and a day more orders than one: both are counted once in a window.
    totals = due.groupBy("day", *ACCOUNT_KEY).agg(
        F.count_distinct("purchase_order_id").alias("orders"),
        F.count_distinct("purchase_day").alias("purchase_days"),
        F.sum("units").alias("units"),
        F.sum("gross_sales").alias("gross_sales"),
        F.sum("net_sales").alias("net_sales"),
    )
    return totals.select(
        "day",
        *ACCOUNT_KEY,
        "orders",
        "purchase_days",
        "units",
        F.col("gross_sales").cast(MONEY).alias("gross_sales"),
        (F.col("gross_sales") - F.col("net_sales")).cast(MONEY).alias("returns"),
        F.col("net_sales").cast(MONEY).alias("net_sales"),
    )


def _orders_by_day(order_line: DataFrame) -> DataFrame:
    """Sum each order's lines by day, as a day enters 30 windows; without a purchase its id and day are null."""
    bought = F.when(is_purchase(), True)
    sums = (
        of_known_accounts(order_line)
        .groupBy(F.col("day").alias("line_day"), *ACCOUNT_KEY, "order_id")
        .agg(
            F.max(bought).alias("bought"),
            F.sum(F.when(is_purchase(), F.col("quantity")).otherwise(0)).alias("units"),
            F.sum(F.when(is_purchase(), F.col("amount")).otherwise(0)).alias("gross_sales"),
            F.sum("amount").alias("net_sales"),
        )
    )
    return sums.select(
        "line_day",
        *ACCOUNT_KEY,
        F.when(F.col("bought"), F.col("order_id")).alias("purchase_order_id"),
        F.when(F.col("bought"), F.col("line_day")).alias("purchase_day"),
        "units",
        "gross_sales",
        "net_sales",
    )
