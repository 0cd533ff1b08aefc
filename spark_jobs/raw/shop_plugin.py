"""Events of the community shop's plugin, CloudEvents 1.0, to the payloads of interactions, orders, lines and products.

The type of an event says what happened, and with it which table it is meant for. Prices are whole fen (hundredths of a
yuan).
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_jobs.functions.cloud_events import IDENTITY, event_rules, with_event
from spark_jobs.functions.envelope import Mapped, Rule
from spark_jobs.functions.fields import form_rules, text, typed
from spark_jobs.functions.shop_orders import header_fields, order_line_rules, with_headers, with_order_line
from spark_jobs.functions.strict import looked_up

INTERACTION, ORDER, ORDER_LINE = "events.interaction", "events.order", "events.order_line"
PRODUCT = "events.product"
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
TARGETS = {
    **dict.fromkeys(KINDS, INTERACTION),
    **dict.fromkeys(SIGNS, ORDER_LINE),
    "shop.order.placed": ORDER,
    "shop.product.listed": PRODUCT,
}
TEXTS = (
    "visitor_id",
    "account_id",
    "product_id",
    "product_name",
    "category",
    "merchant_id",
    "order_id",
    "country",
)


def shop_plugin(records: DataFrame, *, timezone: str, currency: str) -> Mapped:
    """Type events of the plugin for the payload of what each is meant for, a row for a row.

    `records`: what a reader returns for the columns of the contract. `timezone` is the market's zone: the event day is
    the business day in it. `currency` is that of every price, in hundredths. The session's time zone must be UTC.
    """
    numbers = header_fields(amount="data.amount_fen", line_count="data.line_count", list_price="data.list_price_fen")
    events = with_event(records).select(
        "*",
        looked_up(KINDS, "fields.type").alias("kind"),
        looked_up(SIGNS, "fields.type").alias("sign"),
        looked_up(TARGETS, "fields.type").alias("meant_for"),
    )
    fields = [*(text(name, f"data.{name}") for name in TEXTS), *numbers]
    return Mapped(
        with_headers(with_order_line(typed(events, fields), timezone, currency)),
        target=F.col("meant_for"),
        identity=IDENTITY,
        version=F.col("revision"),
        rules=[
            *event_rules(TARGETS),
            *_who_and_what(),
            *order_line_rules(order="order_id", quantity="quantity", price="unit_price_fen"),
            *form_rules(fields),
        ],
    )


def _who_and_what() -> list[Rule]:
    """Return the rules on visitors and products, which not every event has."""
    is_interaction = F.col("kind").isNotNull()
    needs_none = F.col("kind").isin(*WITHOUT_PRODUCT) | (F.col("meant_for") == ORDER)
    return [
        Rule("missing_visitor", "an interaction has a visitor_id", is_interaction & F.col("visitor_id").isNull()),
        Rule(
            "missing_product",
            f"everything but {', '.join(WITHOUT_PRODUCT)} and an order as a whole has a product_id",
            ~F.coalesce(needs_none, F.lit(False)) & F.col("product_id").isNull(),
        ),
    ]
