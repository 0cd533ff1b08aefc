"""Ratings of a site for reviews, a CSV row each, to the payload of events.review; nothing is ordered there.

user_id, product_id, rating, unix_ts (seconds; always 07:00 UTC, so it says a day). A rating is identified by user,
product and time: one user may rate a product again later, and two ratings of one moment contradict each other.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_jobs.functions.envelope import Mapped, Rule
from spark_jobs.functions.fields import Field, form_rules, text, typed
from spark_jobs.functions.strict import RATING, exactly

SECONDS = r"^[0-9]{1,10}\z"


def ciao_ratings(records: DataFrame, *, timezone: str, currency: str) -> Mapped:
    """Type ratings, a row for a row; the event day is the business day in `timezone`. There is no money in it."""
    moment = F.timestamp_seconds(exactly("fields.unix_ts", SECONDS, "long"))
    fields = [
        text("account_id", "user_id", "user_id"),
        text("product_id", "product_id"),
        Field("rating", "rating", exactly("fields.rating", RATING, "int"), "a whole number from 1 to 5"),
        Field(
            "reviewed_at",
            "unix_ts",
            moment,
            "a whole number of seconds of at most 10 digits",
            "unix_ts",
            "invalid_time",
        ),
    ]
    payload = typed(records, fields).select(
        "*",
        F.lit(None).cast("string").alias("order_id"),
        F.lit(None).cast("string").alias("visitor_id"),
        F.to_date(F.from_utc_timestamp("reviewed_at", timezone)).alias("event_day"),
    )
    missing = Rule("missing_account", "user_id is filled", F.col("account_id").isNull())
    return Mapped(payload, identity=("account_id", "product_id", "reviewed_at"), rules=[missing, *form_rules(fields)])
