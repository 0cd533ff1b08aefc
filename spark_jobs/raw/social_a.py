"""Activities of the link sharing platform to the payload of events.interaction: links that are sent and opened.

An activity is identified by activity_id; edit, where there is one, is its version. Times are the market's wall clock.
Who opened a link need not be known: then there is neither visitor nor account.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_jobs.functions.envelope import Mapped, Rule, revision_rule
from spark_jobs.functions.strict import WHOLE_NUMBER, exactly, filled, looked_up

IDENTITY = ("activity_id",)
KINDS = {"share": "share", "click": "click"}

WALL_CLOCK = r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\z"


def social_a(records: DataFrame, *, timezone: str, currency: str) -> Mapped:
    """Type activities for the payload of events.interaction, a row for a row.

    `records`: what a reader returns for the columns of the contract. `timezone` is the market's zone: created_at is a
    wall clock in it, the event day a business day in it. There is no money in it. The session's time zone must be UTC.
    """
    return Mapped(
        _typed(records, timezone),
        identity=IDENTITY,
        version=F.col("revision"),
        rules=_rules(timezone),
    )


def _typed(records: DataFrame, timezone: str) -> DataFrame:
    """Give each field its type, null where it is empty or has not the exact form; the reader's own columns stay."""
    wall_clock = exactly("fields.created_at", WALL_CLOCK, "timestamp")
    account = exactly("fields.account_id", WHOLE_NUMBER, "string")
    return records.select(
        "*",
        exactly("fields.activity_id", WHOLE_NUMBER, "long").alias("activity_id"),
        looked_up(KINDS, "fields.kind").alias("kind"),
        wall_clock.alias("wall_clock"),
        F.to_date(wall_clock).alias("event_day"),
        F.to_utc_timestamp(wall_clock, timezone).alias("occurred_at"),
        exactly("fields.edit", WHOLE_NUMBER, "long").alias("revision"),
        account.alias("account_id"),
        account.alias("visitor_id"),
        filled("fields.link_product_id").alias("product_id"),
    )


def _rules(timezone: str) -> list[Rule]:
    """Return the rules on the fields of an activity, in the order of the columns."""
    no_such_hour = F.from_utc_timestamp("occurred_at", timezone) != F.col("wall_clock")
    no_account = F.col("account_id").isNull()
    is_anonymous = F.col("kind").eqNullSafe("click") & F.col("fields.account_id").isNull()
    return [
        Rule("unknown_type", f"kind is {' or '.join(KINDS)}", F.col("kind").isNull()),
        Rule("missing_id", "activity_id is a whole number of at most 18 digits", F.col("activity_id").isNull()),
        Rule(
            "invalid_time",
            f"created_at is a time that exists in {timezone}, written YYYY-MM-DD HH:MM:SS",
            F.col("wall_clock").isNull() | no_such_hour,
        ),
        revision_rule("edit", "fields.edit"),
        Rule(
            "invalid_account",
            "account_id is a whole number of at most 18 digits, absent only of a click",
            no_account & ~is_anonymous,
        ),
    ]
