"""Events of the community shop's plugin, CloudEvents 1.0, to the payloads of events.interaction and events.order_line.

The type of an event says what happened, and with it which table it is meant for. An event is identified by its source
and id; a revision, where there is one, is its version. Prices are whole fen (hundredths of a yuan), times RFC 3339.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_jobs.functions.envelope import Mapped, Rule, revision_rule
from spark_jobs.functions.shop_orders import order_line_rules, with_order_line
from spark_jobs.functions.strict import WHOLE_NUMBER, exactly, filled, looked_up

INTERACTION, ORDER_LINE = "events.interaction", "events.order_line"
IDENTITY = ("event_source", "id")
KINDS = {
    "shop.product.viewed": "view",
    "shop.product.liked": "like",
    "shop.product.shared": "share",
    "shop.product.saved": "save",
    "shop.product.commented": "comment",
    "shop.search.performed": "search",
    "shop.cart.added": "add_to_cart",
    "shop.cart.removed": "remove_from_cart",
    "shop.checkout.started": "checkout",
}
WITHOUT_PRODUCT = ("search", "checkout")
# What a line counts for: a cancellation takes back what was ordered.
SIGNS = {"shop.order.line_placed": 1, "shop.order.line_cancelled": -1}

RFC_3339 = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})\z"


def shop_plugin(records: DataFrame, *, timezone: str, currency: str) -> Mapped:
    """Type events of the plugin for the payload of what each is meant for, a row for a row.

    `records`: what a reader returns for the columns of the contract. `timezone` is the market's zone: the event day is
    the business day in it. `currency` is that of every price, in hundredths. The session's time zone must be UTC.
    """
    return Mapped(
        with_order_line(_typed(records), timezone, currency),
        target=F.when(F.col("kind").isNotNull(), INTERACTION).when(F.col("sign").isNotNull(), ORDER_LINE),
        identity=IDENTITY,
        version=F.col("revision"),
        rules=[
            *_event_rules(),
            *order_line_rules(order="order_id", quantity="quantity", price="unit_price_fen"),
        ],
    )


def _typed(records: DataFrame) -> DataFrame:
    """Give each field its type, null where it is empty or has not the exact form; the reader's own columns stay."""
    texts = ("id", "event_source", "visitor_id", "account_id", "product_id", "product_name", "order_id", "country")
    return records.select(
        "*",
        *[filled(f"fields.{name}").alias(name) for name in texts],
        looked_up(KINDS, "fields.type").alias("kind"),
        looked_up(SIGNS, "fields.type").alias("sign"),
        exactly("fields.time", RFC_3339, "timestamp").alias("occurred_at"),
        exactly("fields.revision", WHOLE_NUMBER, "long").alias("revision"),
    )


def _event_rules() -> list[Rule]:
    """Return the rules on what every event has, and interactions beside."""
    is_interaction = F.col("kind").isNotNull()
    needs_product = ~F.coalesce(F.col("kind").isin(*WITHOUT_PRODUCT), F.lit(False))
    known = ", ".join([*KINDS, *SIGNS])
    return [
        Rule("invalid_specversion", "specversion is 1.0", ~F.col("fields.specversion").eqNullSafe("1.0")),
        Rule("missing_id", "id is filled", F.col("id").isNull()),
        Rule("missing_source", "source is filled", F.col("event_source").isNull()),
        Rule("unknown_type", f"type is one of {known}", ~is_interaction & F.col("sign").isNull()),
        Rule(
            "invalid_time",
            "time is a moment that exists, written like 2026-03-02T10:00:00.5+08:00, a second with at most 6 decimals",
            F.col("occurred_at").isNull(),
        ),
        revision_rule("revision", "fields.revision"),
        Rule("missing_visitor", "an interaction has a visitor_id", is_interaction & F.col("visitor_id").isNull()),
        Rule(
            "missing_product",
            f"everything but {' and '.join(WITHOUT_PRODUCT)} has a product_id",
            needs_product & F.col("product_id").isNull(),
        ),
    ]
