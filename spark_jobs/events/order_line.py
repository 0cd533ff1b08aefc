"""Order lines of every shop: what was ordered or cancelled, by whom, at which price; a row per event."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_jobs.functions.resolve import resolve


def order_line(records: DataFrame, days: DataFrame, *, identity_window_days: int) -> DataFrame:
    """Return the good order lines of `days`, a row per event_id.

    `records`: good rows of every source that feeds this table, with source, namespace, event_day, record_id,
    payload_hash, version, object_sha256, object_name, position and the payload; of `days` and of
    `identity_window_days` on each side of them. `days`: the business days to produce, one column `day`.
    """
    events = resolve(records, identity_window_days=identity_window_days).where(F.col("fate") == "good")
    due = F.broadcast(days.select(F.col("day").alias("event_day")))
    return events.join(due, on="event_day", how="left_semi").select(
        F.col("event_day").alias("day"),
        "source",
        "namespace",
        F.col("record_id").alias("event_id"),
        "order_id",
        "product_id",
        "product_name",
        "account_id",
        "quantity",
        "unit_price",
        "currency",
        "amount",
        "is_cancellation",
        "ordered_at",
        "country",
        "object_sha256",
        "object_name",
        "position",
    )
