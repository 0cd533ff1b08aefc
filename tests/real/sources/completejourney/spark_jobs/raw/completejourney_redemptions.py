"""Coupons that households of a grocer redeemed, a CSV row each, to the payload of events.coupon.

household_id, coupon_upc, campaign_id, redemption_date. The basket and the hour are not told: it counts as redeemed when
its day begins.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_jobs.functions.envelope import Mapped, Rule
from spark_jobs.functions.fields import Field, form_rules, text, typed
from spark_jobs.functions.strict import exactly

DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\z"


def completejourney_redemptions(records: DataFrame, *, timezone: str, currency: str) -> Mapped:
    """Type redemptions, a row for a row; redemption_date is a day in `timezone`. There is no money in it."""
    day = exactly("fields.redemption_date", DAY, "date")
    fields = [
        text("account_id", "household_id", "household_id"),
        text("coupon_id", "coupon_upc", "coupon_upc"),
        text("campaign_id", "campaign_id"),
        Field("event_day", "redemption_date", day, "a day that exists, YYYY-MM-DD", "redemption_date", "invalid_day"),
    ]
    payload = typed(records, fields).select(
        "*",
        F.lit("redeemed").alias("kind"),
        F.lit(None).cast("string").alias("visitor_id"),
        F.lit(None).cast("string").alias("order_id"),
        F.lit(None).cast("timestamp").alias("valid_until"),
        F.to_utc_timestamp(F.col("event_day").cast("timestamp"), timezone).alias("occurred_at"),
    )
    rules = [
        Rule("missing_account", "household_id is filled", F.col("account_id").isNull()),
        Rule("missing_campaign", "campaign_id is filled", F.col("campaign_id").isNull()),
        *form_rules(fields),
    ]
    return Mapped(payload, identity=("account_id", "coupon_id", "campaign_id", "event_day"), rules=rules)
