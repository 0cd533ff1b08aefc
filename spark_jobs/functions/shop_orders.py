"""Orders of platforms that sell in whole fen: their lines and headers, and the products on sale."""

from decimal import Decimal

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from spark_jobs.functions.envelope import Rule
from spark_jobs.functions.fields import Field
from spark_jobs.functions.strict import exactly

PIECES = r"^[1-9][0-9]{0,17}\z"
FEN = r"^[0-9]{1,16}\z"
FEN_IN_WORDS = "a whole number from 0 of at most 16 digits"


def yuan(field: str) -> Column:
    """Return delivered whole fen in yuan, null where they have not that form."""
    return (exactly(field, FEN, "decimal(16,0)") * F.lit(Decimal("0.01"))).cast("decimal(18,4)")


def header_fields(*, amount: str, line_count: str, list_price: str) -> list[Field]:
    """Return what orders and products say in numbers; the fields are called as the platform calls them.

    They are delivered as amount_fen, line_count and list_price_fen.
    """
    return [
        Field("order_amount", amount, yuan("fields.amount_fen"), FEN_IN_WORDS, delivered="amount_fen"),
        Field(
            "line_count",
            line_count,
            exactly("fields.line_count", PIECES, "long"),
            "a whole number from 1 of at most 18 digits",
        ),
        Field("list_price", list_price, yuan("fields.list_price_fen"), FEN_IN_WORDS, delivered="list_price_fen"),
    ]


def with_order_line(typed: DataFrame, timezone: str, currency: str) -> DataFrame:
    """Add business day, signed quantity, price and amount in yuan.

    `typed` has the delivered fields quantity and unit_price_fen, and, typed, occurred_at and sign (-1 takes back what
    was ordered, null where it is no order line).
    """
    unit_price, quantity = yuan("fields.unit_price_fen"), exactly("fields.quantity", PIECES, "long") * F.col("sign")
    return typed.select(
        "*",
        F.to_date(F.from_utc_timestamp("occurred_at", timezone)).alias("event_day"),
        quantity.alias("quantity"),
        unit_price.alias("unit_price"),
        F.lit(currency).alias("currency"),
        (quantity.cast("decimal(18,0)") * unit_price).try_cast("decimal(18,4)").alias("amount"),
        (F.col("sign") < 0).alias("is_cancellation"),
        F.col("occurred_at").alias("ordered_at"),
    )


def with_headers(lines: DataFrame) -> DataFrame:
    """Add the columns of orders and products to what `with_order_line` returned; `header_fields` are typed in it."""
    is_order_line = F.col("sign").isNotNull()
    return lines.withColumns(
        {
            "amount": F.when(is_order_line, F.col("amount")).otherwise(F.col("order_amount")),
            "placed_at": F.col("occurred_at"),
            "listed_at": F.col("occurred_at"),
        }
    )


def order_line_rules(*, order: str, quantity: str, price: str) -> list[Rule]:
    """Return the rules on what order lines have besides; the fields are called as the platform calls them."""
    is_order_line = F.col("sign").isNotNull()
    return [
        Rule("missing_order", f"an order line has an {order}", is_order_line & F.col("order_id").isNull()),
        Rule(
            "invalid_quantity",
            f"{quantity} of an order line is a whole number from 1 of at most 18 digits",
            is_order_line & F.col("quantity").isNull(),
        ),
        Rule(
            "invalid_price",
            f"{price} of an order line is {FEN_IN_WORDS}",
            is_order_line & F.col("unit_price").isNull(),
        ),
        Rule(
            "invalid_amount",
            "quantity times the price in yuan has at most 14 digits",
            is_order_line & F.col("amount").isNull(),
        ),
    ]
