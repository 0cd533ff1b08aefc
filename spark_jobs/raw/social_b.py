"""Activities of the livestream platform to the payloads of events.interaction and events.order_line.

eventType says what happened, and with it which table an activity is meant for. It is identified by activityId; rev,
where there is one, is its version. Times are milliseconds since 1970, prices whole fen. Everybody is signed in: the
visitor is the account.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_jobs.functions.envelope import Mapped, Rule, revision_rule
from spark_jobs.functions.shop_orders import order_line_rules, with_order_line
from spark_jobs.functions.strict import WHOLE_NUMBER, exactly, filled, looked_up

INTERACTION, ORDER_LINE = "events.interaction", "events.order_line"
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

MILLISECONDS = r"^[0-9]{1,15}\z"


def social_b(records: DataFrame, *, timezone: str, currency: str) -> Mapped:
    """Type activities for the payload of what each is meant for, a row for a row.

    `records`: what a reader returns for the columns of the contract. `timezone` is the market's zone: the event day is
    the business day in it. `currency` is that of every price, in hundredths. The session's time zone must be UTC.
    """
    return Mapped(
        with_order_line(_typed(records), timezone, currency),
        target=F.when(F.col("kind").isNotNull(), INTERACTION).when(F.col("sign").isNotNull(), ORDER_LINE),
        identity=IDENTITY,
        version=F.col("revision"),
        rules=[
            *_activity_rules(),
            *order_line_rules(order="order.orderId", quantity="order.quantity", price="order.unitPriceFen"),
        ],
    )


def _typed(records: DataFrame) -> DataFrame:
    """Give each field its type, null where it is empty or has not the exact form; the reader's own columns stay."""
    milliseconds = exactly("fields.occurred_at", MILLISECONDS, "long")
    return records.select(
        "*",
        filled("fields.activity_id").alias("activity_id"),
        looked_up(KINDS, "fields.event_type").alias("kind"),
        looked_up(SIGNS, "fields.event_type").alias("sign"),
        F.timestamp_millis(milliseconds).alias("occurred_at"),
        exactly("fields.rev", WHOLE_NUMBER, "long").alias("revision"),
        filled("fields.user_id").alias("account_id"),
        filled("fields.user_id").alias("visitor_id"),
        filled("fields.item_id").alias("product_id"),
        filled("fields.item_title").alias("product_name"),
        filled("fields.order_id").alias("order_id"),
        filled("fields.country").alias("country"),
    )


def _activity_rules() -> list[Rule]:
    """Return the rules on what every activity has."""
    needs_product = ~F.coalesce(F.col("kind").isin(*WITHOUT_PRODUCT), F.lit(False))
    known = ", ".join([*KINDS, *SIGNS])
    return [
        Rule("unknown_type", f"eventType is one of {known}", F.col("kind").isNull() & F.col("sign").isNull()),
        Rule("missing_id", "activityId is filled", F.col("activity_id").isNull()),
        Rule(
            "invalid_time",
            "occurredAt is a whole number of milliseconds since 1970, of at most 15 digits",
            F.col("occurred_at").isNull(),
        ),
        revision_rule("rev", "fields.rev"),
        Rule("missing_account", "an activity has a user.userId", F.col("account_id").isNull()),
        Rule(
            "missing_product",
            f"everything but {' and '.join(WITHOUT_PRODUCT)} has an item.itemId",
            needs_product & F.col("product_id").isNull(),
        ),
    ]
