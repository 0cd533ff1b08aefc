"""Tickets of a market stall, to the payload of events.order_line."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_jobs.functions.envelope import Mapped, Rule


def market_stall(records: DataFrame, *, timezone: str, currency: str) -> Mapped:
    """Type tickets for the payload of events.order_line; a ticket's item is identified by both."""
    typed = records.select(
        "*",
        F.col("fields.ticket").alias("order_id"),
        F.col("fields.item").alias("product_id"),
        F.lit(None).cast("string").alias("product_name"),
        F.lit(None).cast("string").alias("account_id"),
        F.col("fields.pieces").try_cast("bigint").alias("quantity"),
        F.col("fields.price").try_cast("decimal(18,4)").alias("unit_price"),
        F.lit(currency).alias("currency"),
        (F.col("fields.pieces").try_cast("bigint") * F.col("fields.price").try_cast("decimal(18,4)"))
        .try_cast("decimal(18,4)")
        .alias("amount"),
        F.lit(False).alias("is_cancellation"),
        F.to_utc_timestamp(F.col("fields.sold_at").try_cast("timestamp"), timezone).alias("ordered_at"),
        F.lit("Germany").alias("country"),
        F.to_date(F.col("fields.sold_at").try_cast("timestamp")).alias("event_day"),
    )
    rules = [
        Rule("invalid_amount", "pieces and price are numbers", F.col("amount").isNull()),
        Rule("invalid_time", "the time is one", F.col("ordered_at").isNull()),
    ]
    return Mapped(typed, identity=("order_id", "product_id"), rules=rules)
