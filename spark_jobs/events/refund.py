"""Refunds of payments; a row per event."""

from pyspark.sql import DataFrame

from spark_jobs.functions.good_events import good_events


def refund(records: DataFrame, days: DataFrame, *, identity_window_days: int) -> DataFrame:
    """Return the good refunds of `days`, a row per event_id; see `good_events` for what it takes."""
    return good_events(records, days, identity_window_days=identity_window_days)
