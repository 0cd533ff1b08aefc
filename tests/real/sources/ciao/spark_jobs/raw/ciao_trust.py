"""Who trusts whom on a site for reviews as of a day, a CSV row each, to the payload of events.follow.

truster_id, trustee_id. Since when is not told: the day is that of the export, which its name begins with.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_jobs.functions.envelope import Mapped
from spark_jobs.functions.fields import text, typed
from spark_jobs.functions.object_day import object_day, object_day_rule


def ciao_trust(records: DataFrame, *, timezone: str, currency: str) -> Mapped:
    """Type edges, a row for a row, as seen when the day of the export begins in `timezone`."""
    fields = [
        text("account_id", "truster_id", "truster_id"),
        text("followed_account_id", "trustee_id", "trustee_id"),
    ]
    payload = typed(records, fields).select(
        "*",
        F.lit(True).alias("is_following"),
        object_day().alias("event_day"),
        F.to_utc_timestamp(object_day().cast("timestamp"), timezone).alias("occurred_at"),
    )
    identity = ("account_id", "followed_account_id", "occurred_at")
    return Mapped(payload, identity=identity, rules=[object_day_rule()])
