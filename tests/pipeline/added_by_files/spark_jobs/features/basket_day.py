"""Pieces in each order of a day."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def basket_day(order_line: DataFrame, days: DataFrame) -> DataFrame:
    """Sum the pieces of each order; a row per day, namespace and order_id."""
    due = order_line.join(F.broadcast(days), on="day", how="left_semi")
    return due.groupBy("day", "namespace", "order_id").agg(F.sum("quantity").alias("pieces"))
