"""Activities of the link sharing platform to the payloads of seven events: its accounts, posts, links and advertising.

An activity's kind says which table it is meant for. It is identified by activity_id; edit, where there is one, is its
version. Times are the market's wall clock, amounts yuan with two decimals, ids whole numbers. Who opened a link need
not be known: then there is neither visitor nor account.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from spark_jobs.functions.envelope import Mapped, Rule, revision_rule
from spark_jobs.functions.fields import Field, form_rules, text, typed
from spark_jobs.functions.people import hint_fields, with_moments
from spark_jobs.functions.strict import DAYS, WHOLE, WHOLE_NUMBER, YUAN, exactly, looked_up

IDENTITY = ("activity_id",)
INTERACTION = "events.interaction"
TARGETS = {
    "account": "events.account",
    "follow": "events.follow",
    "unfollow": "events.follow",
    "post": "events.post",
    "repost": "events.repost",
    "share": INTERACTION,
    "click": INTERACTION,
    "ad_report": "events.ad_spend",
    "creator_contract": "events.creator_contract",
}
# An advertisement is nobody's; a link may be opened by anybody.
WITHOUT_ACCOUNT = ("click", "ad_report")

WALL_CLOCK = r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\z"
MONEY = "a number from 0 with two decimals, of at most 14 digits before them"


def social_a(records: DataFrame, *, timezone: str, currency: str) -> Mapped:
    """Type activities for the payload of what each is meant for, a row for a row.

    `records`: what a reader returns for the columns of the contract. `timezone` is the market's zone: created_at is a
    wall clock in it, the event day a business day in it. `currency` is that of every amount. The session's time zone
    must be UTC.
    """
    fields = _fields()
    return Mapped(
        _payload(typed(records, fields), timezone, currency),
        target=F.col("meant_for"),
        identity=IDENTITY,
        version=F.col("revision"),
        rules=[*_rules(timezone), *form_rules(fields)],
    )


def _fields() -> list[Field]:
    """Return what the kinds have beside what every activity has."""
    return [
        *hint_fields("{}_sha256"),
        Field("followed_account_id", "followed_account_id", _number("followed_account_id"), WHOLE),
        Field("post_id", "post_id", _number("post_id"), WHOLE),
        Field("parent_account_id", "via_account_id", _number("via_account_id"), WHOLE, "via_account_id"),
        text("product_id", "link_product_id", "link_product_id"),
        text("campaign_id", "campaign_id"),
        Field("impressions", "impressions", _number("impressions", "long"), WHOLE),
        Field("clicks", "clicks", _number("clicks", "long"), WHOLE),
        Field("cost", "cost_yuan", exactly("fields.cost_yuan", YUAN, "decimal(18,4)"), MONEY, "cost_yuan"),
        Field("fee", "fee_yuan", exactly("fields.fee_yuan", YUAN, "decimal(18,4)"), MONEY, "fee_yuan"),
        Field(
            "duration_days",
            "days",
            exactly("fields.days", DAYS, "int"),
            "a whole number from 1 of at most 5 digits",
            "days",
        ),
    ]


def _number(field: str, type_name: str = "string") -> Column:
    return exactly(f"fields.{field}", WHOLE_NUMBER, type_name)


def _payload(typed: DataFrame, timezone: str, currency: str) -> DataFrame:
    """Add what every activity has, and what follows from it: its table, moment, business day and account."""
    wall_clock, meant_for = exactly("fields.created_at", WALL_CLOCK, "timestamp"), looked_up(TARGETS, "fields.kind")
    activities = typed.select(
        "*",
        _number("activity_id", "long").alias("activity_id"),
        meant_for.alias("meant_for"),
        F.when(meant_for == INTERACTION, F.col("fields.kind")).alias("kind"),
        wall_clock.alias("wall_clock"),
        F.to_date(wall_clock).alias("event_day"),
        F.to_utc_timestamp(wall_clock, timezone).alias("occurred_at"),
        _number("edit", "long").alias("revision"),
        _number("account_id").alias("account_id"),
        _number("account_id").alias("visitor_id"),
        (F.col("fields.kind") == "follow").alias("is_following"),
        F.lit(None).cast("string").alias("invite_id"),
        F.lit(currency).alias("currency"),
    )
    return with_moments(activities, "registered_at", "posted_at", "reposted_at", "reported_at", "signed_at")


def _rules(timezone: str) -> list[Rule]:
    """Return the rules on what every activity has, in the order of the columns."""
    no_such_hour = F.from_utc_timestamp("occurred_at", timezone) != F.col("wall_clock")
    no_account = F.col("account_id").isNull()
    may_lack_one = F.col("fields.kind").isin(*WITHOUT_ACCOUNT) & F.col("fields.account_id").isNull()
    return [
        Rule("unknown_type", f"kind is one of {', '.join(TARGETS)}", F.col("meant_for").isNull()),
        Rule("missing_id", f"activity_id is {WHOLE}", F.col("activity_id").isNull()),
        Rule(
            "invalid_time",
            f"created_at is a time that exists in {timezone}, written YYYY-MM-DD HH:MM:SS",
            F.col("wall_clock").isNull() | no_such_hour,
        ),
        revision_rule("edit", "fields.edit"),
        Rule(
            "invalid_account",
            f"account_id is {WHOLE}, absent only of {' and '.join(WITHOUT_ACCOUNT)}",
            no_account & ~F.coalesce(may_lack_one, F.lit(False)),
        ),
    ]
