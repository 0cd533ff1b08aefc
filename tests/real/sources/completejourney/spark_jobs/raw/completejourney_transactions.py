"""Lines of a grocer's baskets, a CSV row each, to the payload of events.order_line.

household_id, basket_id, product_id, quantity, sales_value (dollars that the line came to), transaction_timestamp (UTC).
The price of a piece is what the line came to by its pieces, where four decimals can say it: what is sold by weight or
at three for ten dollars has no such price, and is not rounded to one.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_jobs.functions.envelope import Mapped, Rule
from spark_jobs.functions.fields import Field, form_rules, text, typed
from spark_jobs.functions.strict import exactly

DOLLARS = r"^[0-9]{1,14}(\.[0-9]{1,4})?\z"
PIECES = r"^[1-9][0-9]{0,8}\z"
UTC = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\z"


def completejourney_transactions(records: DataFrame, *, timezone: str, currency: str) -> Mapped:
    """Type lines, a row for a row; the event day is the business day in `timezone`, money is in `currency`."""
    amount, pieces = exactly("fields.sales_value", DOLLARS, "decimal(18,4)"), exactly("fields.quantity", PIECES, "long")
    moment = exactly("fields.transaction_timestamp", UTC, "timestamp")
    fields = [
        text("account_id", "household_id", "household_id"),
        text("order_id", "basket_id", "basket_id"),
        text("product_id", "product_id"),
        Field("amount", "sales_value", amount, "dollars from 0 with at most 4 decimals", "sales_value"),
        Field("quantity", "quantity", pieces, "a whole number from 1 of at most 9 digits"),
        Field(
            "ordered_at",
            "transaction_timestamp",
            moment,
            "a moment in UTC, written YYYY-MM-DDTHH:MM:SSZ",
            "transaction_timestamp",
            "invalid_time",
        ),
    ]
    quantity = F.col("quantity").cast("decimal(18,0)")
    payload = typed(records, fields).select(
        "*",
        (F.col("amount") / quantity).try_cast("decimal(18,4)").alias("unit_price"),
        F.lit(currency).alias("currency"),
        F.lit(None).cast("string").alias("product_name"),
        F.lit(None).cast("string").alias("country"),
        F.lit(False).alias("is_cancellation"),
        F.to_date(F.from_utc_timestamp("ordered_at", timezone)).alias("event_day"),
    )
    rules = [
        Rule("missing_account", "household_id is filled", F.col("account_id").isNull()),
        *form_rules(fields),
        Rule(
            "indivisible_amount",
            "sales_value is quantity times a price of at most 4 decimals",
            F.col("unit_price") * quantity != F.col("amount"),
        ),
    ]
    return Mapped(payload, identity=("order_id", "product_id"), rules=rules)
