"""What people did on every platform short of buying: viewed, shared, put into a cart; a row per event."""

from pyspark.sql import DataFrame

from spark_jobs.functions.good_events import good_events


def interaction(records: DataFrame, days: DataFrame, *, identity_window_days: int) -> DataFrame:
    """Return the good interactions of `days`, a row per event_id; see `good_events` for what it takes."""
    return good_events(records, days, identity_window_days=identity_window_days)
