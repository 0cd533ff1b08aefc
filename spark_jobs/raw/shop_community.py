"""Events of the community shop beside visits and orders, CloudEvents 1.0, to the payloads of the six tables they feed.

The type of an event says what happened, and with it which table it is meant for. Accounts, orders and products are
those of the shop's plugin. Who has no account is told by a browser alone: such guests invite, have coupons and review.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_jobs.functions.cloud_events import IDENTITY, MOMENT, RFC_3339, event_rules, with_event
from spark_jobs.functions.envelope import Mapped, Rule
from spark_jobs.functions.fields import Field, form_rules, text, typed
from spark_jobs.functions.people import hint_fields, with_moments
from spark_jobs.functions.strict import RATING, exactly, looked_up

COUPON, GROUP_BUY, MEMBERSHIP = "events.coupon", "events.group_buy", "events.community_membership"
ISSUED, REDEEMED, REVIEWED = "shop.coupon.issued", "shop.coupon.redeemed", "shop.review.written"
OPENED, JOINED, CLOSED = "shop.group.opened", "shop.group.joined", "shop.group.closed"
IN, OUT = "shop.membership.joined", "shop.membership.left"
TARGETS = {
    "shop.account.registered": "events.account",
    "shop.invite.sent": "events.invite",
    ISSUED: COUPON,
    REDEEMED: COUPON,
    OPENED: GROUP_BUY,
    JOINED: GROUP_BUY,
    CLOSED: GROUP_BUY,
    REVIEWED: "events.review",
    IN: MEMBERSHIP,
    OUT: MEMBERSHIP,
}
KINDS = {ISSUED: "issued", REDEEMED: "redeemed", OPENED: "opened", JOINED: "joined"}
ENDS = {"true": "filled", "false": "expired"}
TEXTS = (
    "visitor_id",
    "account_id",
    "invite_id",
    "coupon_id",
    "group_id",
    "community_id",
    "order_id",
    "product_id",
)

SIZE = r"^([2-9]|[1-9][0-9]{1,3})\z"


def shop_community(records: DataFrame, *, timezone: str, currency: str) -> Mapped:
    """Type events of the shop for the payload of what each is meant for, a row for a row.

    `records`: what a reader returns for the columns of the contract. `timezone` is the market's zone: the event day is
    the business day in it. There is no money in it. The session's time zone must be UTC.
    """
    fields = [
        *(text(name, f"data.{name}") for name in TEXTS),
        *hint_fields("data.hints.{}_sha256"),
        Field("valid_until", "data.valid_until", exactly("fields.valid_until", RFC_3339, "timestamp"), MOMENT),
        Field("size", "data.size", exactly("fields.size", SIZE, "long"), "a whole number from 2 of at most 4 digits"),
        Field("rating", "data.rating", exactly("fields.rating", RATING, "int"), "a whole number from 1 to 5"),
    ]
    return Mapped(
        with_moments(_events(typed(with_event(records), fields), timezone), "registered_at", "sent_at", "reviewed_at"),
        target=F.col("meant_for"),
        identity=IDENTITY,
        version=F.col("revision"),
        rules=[*event_rules(TARGETS), *form_rules(fields), *_rules()],
    )


def _events(typed: DataFrame, timezone: str) -> DataFrame:
    """Add what the type of an event says, and its business day."""
    is_closed = F.col("fields.type") == CLOSED
    return typed.select(
        "*",
        looked_up(TARGETS, "fields.type").alias("meant_for"),
        F.when(is_closed, looked_up(ENDS, "fields.filled")).otherwise(looked_up(KINDS, "fields.type")).alias("kind"),
        (F.col("fields.type") == IN).alias("is_member"),
        F.to_date(F.from_utc_timestamp("occurred_at", timezone)).alias("event_day"),
    )


def _rules() -> list[Rule]:
    """Return the rules on what events of some types have, though not all that are meant for their table."""
    needed = [
        ("missing_account", "account_id", (OPENED, JOINED)),
        ("missing_product", "product_id", (OPENED,)),
        ("missing_size", "size", (OPENED,)),
        ("missing_order", "order_id", (REDEEMED,)),
        ("missing_order_id", "order_id", (REVIEWED,)),
        ("missing_valid_until", "valid_until", (ISSUED,)),
    ]
    return [
        Rule(
            "missing_filled",
            f"{CLOSED} says whether the group is filled",
            (F.col("fields.type") == CLOSED) & F.col("kind").isNull(),
        ),
        *(
            Rule(
                reason, f"{' and '.join(types)} have a data.{name}", F.col("fields.type").isin(*types) & F.isnull(name)
            )
            for reason, name, types in needed
        ),
    ]
