"""What an account bought and returned in the last 30 days, as of the end of each day."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from spark_jobs.functions.purchases import ACCOUNT_KEY, MONEY, is_purchase, of_known_accounts

WINDOW_DAYS = 30


def purchase_30d(order_line: DataFrame, days: DataFrame) -> DataFrame:
    """Sum the order lines of each account over [day - 29, day]; a row per day, namespace, account_id and currency.

    `order_line` covers the 29 days before the first of `days` (one column `day`) to the last of them. An account has a
    row on the days whose window holds a line of it. gross_sales are the amounts of purchases; returns those of all
    other lines with the sign turned, so that net_sales = gross_sales - returns is the sum of all amounts.
    """
    totals = (
        _on_due_days(_told_apart(_orders_by_day(order_line)), days)
        .groupBy("day", *ACCOUNT_KEY)
        .agg(
            F.count_if(_is_first_of_order()).alias("orders"),
            F.count_if("is_first_of_day").alias("purchase_days"),
            F.sum("units").alias("units"),
            F.sum("gross_sales").alias("gross_sales"),
            F.sum("net_sales").alias("net_sales"),
        )
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
    """Sum each order's lines by day, since a day enters 30 windows; `bought` tells whether a line is a purchase."""
    return (
        of_known_accounts(order_line)
        .groupBy(F.col("day").alias("line_day"), *ACCOUNT_KEY, "order_id")
        .agg(
            F.bool_or(is_purchase()).alias("bought"),
            F.sum(F.when(is_purchase(), F.col("quantity")).otherwise(0)).alias("units"),
            F.sum(F.when(is_purchase(), F.col("amount")).otherwise(0)).alias("gross_sales"),
            F.sum("amount").alias("net_sales"),
        )
    )


def _told_apart(orders: DataFrame) -> DataFrame:
    """Add the day on which the order was bought from before, and whether it is the account's first of its day.

    An order may have lines on two days, and a day more orders than one. Counting only the first of each takes plain
    sums, where distinct counts would have to sort 30 copies of every order.
    """
    account = Window.partitionBy(*ACCOUNT_KEY, "bought")
    of_order = Window.partitionBy(*ACCOUNT_KEY, "bought", "order_id").orderBy("line_day")
    previous_day = F.lag("line_day").over(account.orderBy("line_day", "order_id"))
    return orders.withColumns(
        {
            "bought_from_before": F.lag("line_day").over(of_order),
            "is_first_of_day": F.col("bought") & ~previous_day.eqNullSafe(F.col("line_day")),
        }
    )


def _on_due_days(orders: DataFrame, days: DataFrame) -> DataFrame:
    """Repeat each order on those due days whose window holds it."""
    bounds = F.broadcast(days.agg(F.min("day").alias("first_due"), F.max("day").alias("last_due")))
    first = F.greatest("line_day", "first_due")
    last = F.least(F.date_add("line_day", WINDOW_DAYS - 1), F.col("last_due"))
    clipped = orders.crossJoin(bounds).where(first <= last).select("*", F.explode(F.sequence(first, last)).alias("day"))
    return clipped.join(F.broadcast(days.select("day")), on="day", how="left_semi")


def _is_first_of_order() -> Column:
    """Tell whether a purchase is the first of its order in the window that ends on `day`."""
    before = F.col("bought_from_before")
    return F.col("bought") & (before.isNull() | (before < F.date_sub("day", WINDOW_DAYS - 1)))
