"""What the jobs of all events tables do: of the records of some days, the good one of each event."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_jobs.functions.resolve import PLACE, resolve

ABOUT_THE_RECORD = ("source", "namespace", "event_day", "record_id", "payload_hash", "version")


def good_events(records: DataFrame, days: DataFrame, *, identity_window_days: int) -> DataFrame:
    """Return the good events of `days`, a row per event_id: day, source, namespace, event_id, payload, place.

    `records`: good rows of every source that feeds a table, with source, namespace, event_day, record_id, payload_hash,
    version, object_sha256, object_name, position and the payload; of `days` and of `identity_window_days` on each side
    of them. `days`: the business days to produce, one column `day`.
    """
    payload = [name for name in records.columns if name not in ABOUT_THE_RECORD + PLACE]
    events = resolve(records, identity_window_days=identity_window_days).where(F.col("fate") == "good")
    due = F.broadcast(days.select(F.col("day").alias("event_day")))
    return events.join(due, on="event_day", how="left_semi").select(
        F.col("event_day").alias("day"),
        "source",
        "namespace",
        F.col("record_id").alias("event_id"),
        *payload,
        *PLACE,
    )
