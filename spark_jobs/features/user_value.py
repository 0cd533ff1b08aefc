"""Recency, frequency and monetary value of each account as of the end of each day.

The conventions are those of the BG/NBD and Gamma-Gamma models (Fader, Hardie and Lee 2005): time counts from the first
purchase, purchases of one day are one, and the first of them is no repeat and not in the monetary value.
"""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from spark_jobs.functions.purchases import ACCOUNT_KEY, MONEY, is_purchase, of_known_accounts


def user_value(order_line: DataFrame, days: DataFrame, previous: DataFrame) -> DataFrame:
    """Carry the value of every account through `days`; a row per day, namespace, account_id and currency.

    `order_line`: the lines of exactly these days. `days`: a contiguous range, one column `day`. `previous`: the rows of
    the day before the first of them, empty at the start. An account has a row on every day from its first
    purchase on. frequency counts purchase days after the first, monetary is mean gross sales of those days, 0 without.
    """
    sales = _daily_sales(order_line)
    rows = (
        _first_purchases(previous, sales)
        .join(F.broadcast(days.select("day")), on=F.col("day") >= F.col("first_purchase_day"), how="inner")
        .join(sales, on=["day", *ACCOUNT_KEY], how="left")
        .join(_state(previous), on=list(ACCOUNT_KEY), how="left")
    )
    return _valued(_accumulated(rows))


def _daily_sales(order_line: DataFrame) -> DataFrame:
    """Sum what each account bought a day: day, key, sales."""
    purchases = of_known_accounts(order_line).where(is_purchase())
    return purchases.groupBy("day", *ACCOUNT_KEY).agg(F.sum("amount").alias("sales"))


def _first_purchases(previous: DataFrame, sales: DataFrame) -> DataFrame:
    """Return the first purchase day of every account known so far or from these days on."""
    known = previous.select(*ACCOUNT_KEY, "first_purchase_day")
    seen = sales.select(*ACCOUNT_KEY, F.col("day").alias("first_purchase_day"))
    return known.unionByName(seen).groupBy(*ACCOUNT_KEY).agg(F.min("first_purchase_day").alias("first_purchase_day"))


def _state(previous: DataFrame) -> DataFrame:
    """Return what the days so far add up to."""
    return previous.select(
        *ACCOUNT_KEY,
        F.col("last_purchase_day").alias("last_day_before"),
        F.col("frequency").alias("frequency_before"),
        F.col("repeat_sales").alias("repeat_sales_before"),
    )


def _accumulated(rows: DataFrame) -> DataFrame:
    """Add the days up, each on top of the state before the first: last_purchase_day, frequency, repeat_sales."""
    until_day = Window.partitionBy(*ACCOUNT_KEY).orderBy("day").rowsBetween(Window.unboundedPreceding, 0)
    bought = F.col("sales").isNotNull()
    purchase_days = F.count("sales").over(until_day)
    last_day = F.max(F.when(bought, F.col("day"))).over(until_day)
    repeat_sales = F.sum(F.when(F.col("day") > F.col("first_purchase_day"), F.col("sales"))).over(until_day)
    # The first purchase is no repeat, so an account that is new to the state starts at -1.
    return rows.select(
        "day",
        *ACCOUNT_KEY,
        "first_purchase_day",
        F.coalesce(last_day, "last_day_before").alias("last_purchase_day"),
        (F.coalesce("frequency_before", F.lit(-1)) + purchase_days).alias("frequency"),
        (_or_zero(F.col("repeat_sales_before")) + _or_zero(repeat_sales)).cast(MONEY).alias("repeat_sales"),
    )


def _valued(totals: DataFrame) -> DataFrame:
    """Turn totals into the columns of the feature."""
    mean = F.col("repeat_sales") / F.col("frequency").cast("decimal(10,0)")
    return totals.select(
        "day",
        *ACCOUNT_KEY,
        "first_purchase_day",
        "last_purchase_day",
        "frequency",
        F.datediff("last_purchase_day", "first_purchase_day").cast("long").alias("recency_days"),
        F.datediff("day", "first_purchase_day").cast("long").alias("t_days"),
        F.when(F.col("frequency") > 0, mean).otherwise(0).cast(MONEY).alias("monetary"),
        "repeat_sales",
    )


def _or_zero(money: Column) -> Column:
    return F.coalesce(money, F.lit(0))
