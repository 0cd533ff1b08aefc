"""Activities of the livestream platform to the payloads of eleven events: all that its people and its shop do.

eventType says what happened, and with it which table an activity is meant for. It is identified by activityId; rev,
where there is one, is its version. Times are milliseconds since 1970, prices whole fen. Everybody is signed in: the
visitor is the account.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_jobs.functions.envelope import Mapped, Rule, revision_rule
from spark_jobs.functions.fields import Field, form_rules, text, typed
from spark_jobs.functions.people import hint_fields, with_moments
from spark_jobs.functions.shop_orders import (
    FEN_IN_WORDS,
    header_fields,
    order_line_rules,
    with_headers,
    with_order_line,
    yuan,
)
from spark_jobs.functions.strict import DAYS, RATING, WHOLE, WHOLE_NUMBER, exactly, filled, looked_up

INTERACTION, ORDER_LINE, REVIEW = "events.interaction", "events.order_line", "events.review"
IDENTITY = ("activity_id",)
KINDS = {
    "view": "view",
    "search": "search",
    "like": "like",
    "save": "save",
    "comment": "comment",
    "addCart": "add_to_cart",
    "removeCart": "remove_from_cart",
    "checkout": "checkout",
}
WITHOUT_PRODUCT = ("search", "checkout")
# What a line counts for: a cancellation takes back what was ordered.
SIGNS = {"orderLine": 1, "orderLineCancelled": -1}
TARGETS = {
    "account": "events.account",
    "follow": "events.follow",
    "unfollow": "events.follow",
    "video": "events.post",
    "repost": "events.repost",
    **dict.fromkeys(KINDS, INTERACTION),
    "item": "events.product",
    "order": "events.order",
    **dict.fromkeys(SIGNS, ORDER_LINE),
    "review": REVIEW,
    "adReport": "events.ad_spend",
    "creatorContract": "events.creator_contract",
}
# What is on sale and what is advertised is nobody's.
WITHOUT_ACCOUNT = ("item", "adReport")

MILLISECONDS = r"^[0-9]{1,15}\z"


def social_b(records: DataFrame, *, timezone: str, currency: str) -> Mapped:
    """Type activities for the payload of what each is meant for, a row for a row.

    `records`: what a reader returns for the columns of the contract. `timezone` is the market's zone: the event day is
    the business day in it. `currency` is that of every price, in hundredths. The session's time zone must be UTC.
    """
    fields = [*_fields(), *_numbers()]
    shop = with_headers(with_order_line(_activities(typed(records, fields)), timezone, currency))
    return Mapped(
        with_moments(shop, "registered_at", "posted_at", "reposted_at", "reviewed_at", "reported_at", "signed_at"),
        target=F.col("meant_for"),
        identity=IDENTITY,
        version=F.col("revision"),
        rules=[
            *_activity_rules(),
            *order_line_rules(order="order.orderId", quantity="order.quantity", price="order.unitPriceFen"),
            *form_rules(fields),
        ],
    )


def _fields() -> list[Field]:
    """Return the names that activities have for people and things; any text will do but for a hint."""
    return [
        text("account_id", "user.userId", "user_id"),
        text("visitor_id", "user.userId", "user_id"),
        *hint_fields("hints.{}Sha256"),
        text("followed_account_id", "target.userId"),
        text("post_id", "video.videoId"),
        text("parent_account_id", "via.userId"),
        text("product_id", "item.itemId", "item_id"),
        text("product_name", "item.title", "item_title"),
        text("category", "item.category"),
        text("merchant_id", "item.merchantId"),
        text("order_id", "order.orderId"),
        text("country", "order.country"),
        text("campaign_id", "report.campaignId"),
    ]


def _numbers() -> list[Field]:
    """Return what activities say in numbers, but for those of an order line, whose sign depends on its kind."""
    rating, days = exactly("fields.rating", RATING, "int"), exactly("fields.days", DAYS, "int")
    return [
        *header_fields(amount="order.amountFen", line_count="order.lineCount", list_price="item.listPriceFen"),
        Field("rating", "review.rating", rating, "a whole number from 1 to 5"),
        Field("impressions", "report.impressions", exactly("fields.impressions", WHOLE_NUMBER, "long"), WHOLE),
        Field("clicks", "report.clicks", exactly("fields.clicks", WHOLE_NUMBER, "long"), WHOLE),
        Field("cost", "report.costFen", yuan("fields.cost_fen"), FEN_IN_WORDS, "cost_fen"),
        Field("fee", "contract.feeFen", yuan("fields.fee_fen"), FEN_IN_WORDS, "fee_fen"),
        Field("duration_days", "contract.days", days, "a whole number from 1 of at most 5 digits", "days"),
    ]


def _activities(typed: DataFrame) -> DataFrame:
    """Add what every activity has: its id, version and moment, and what its type says."""
    milliseconds = exactly("fields.occurred_at", MILLISECONDS, "long")
    return typed.select(
        "*",
        filled("fields.activity_id").alias("activity_id"),
        looked_up(TARGETS, "fields.event_type").alias("meant_for"),
        looked_up(KINDS, "fields.event_type").alias("kind"),
        looked_up(SIGNS, "fields.event_type").alias("sign"),
        F.timestamp_millis(milliseconds).alias("occurred_at"),
        exactly("fields.rev", WHOLE_NUMBER, "long").alias("revision"),
        (F.col("fields.event_type") == "follow").alias("is_following"),
        F.lit(None).cast("string").alias("invite_id"),
    )


def _activity_rules() -> list[Rule]:
    """Return the rules on what every activity has, or all but those of some kinds."""
    needs_account = ~F.col("fields.event_type").isin(*WITHOUT_ACCOUNT)
    is_of_product = F.col("meant_for").isin(INTERACTION, ORDER_LINE)
    needs_product = is_of_product & ~F.coalesce(F.col("kind").isin(*WITHOUT_PRODUCT), F.lit(False))
    return [
        Rule("unknown_type", f"eventType is one of {', '.join(TARGETS)}", F.col("meant_for").isNull()),
        Rule("missing_id", "activityId is filled", F.col("activity_id").isNull()),
        Rule(
            "invalid_time",
            "occurredAt is a whole number of milliseconds since 1970, of at most 15 digits",
            F.col("occurred_at").isNull(),
        ),
        revision_rule("rev", "fields.rev"),
        Rule(
            "missing_account",
            f"everything but {' and '.join(WITHOUT_ACCOUNT)} has a user.userId",
            needs_account & F.col("account_id").isNull(),
        ),
        Rule(
            "missing_product",
            f"order lines and interactions but {' and '.join(WITHOUT_PRODUCT)} have an item.itemId",
            needs_product & F.col("product_id").isNull(),
        ),
        Rule(
            "missing_order_id",
            "a review has an order.orderId",
            (F.col("meant_for") == REVIEW) & F.col("order_id").isNull(),
        ),
    ]
