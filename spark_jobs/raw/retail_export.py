"""Daily order export of the retail platform, a CSV row per invoice line, to the payload of events.order_line.

InvoiceNo (C... cancels, A... adjusts a bad debt), StockCode, Description, Quantity, InvoiceDate (wall clock of the
market), UnitPrice, CustomerID (a number, exported as 17850.0; empty for a guest), Country. A row has no id of its own:
it is identified by all its columns.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_jobs.functions.envelope import Mapped, Rule
from spark_jobs.functions.strict import exactly

IDENTITY = (
    "order_id",
    "product_id",
    "product_name",
    "quantity",
    "ordered_at",
    "unit_price",
    "account_id",
    "country",
)

SIGNED_NUMBER = r"^-?[0-9]{1,18}\z"
PRICE = r"^-?[0-9]{1,14}(\.[0-9]{1,4})?\z"
WALL_CLOCK = r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\z"
CUSTOMER = r"^[0-9]+(\.0)?\z"


def retail_export(records: DataFrame, *, timezone: str, currency: str) -> Mapped:
    """Type export rows for the payload of events.order_line, a row in for a row out.

    `records`: what `read_csv_records` returns for the columns above. `timezone` is the market's zone: InvoiceDate is a
    wall clock in it (an hour the clocks repeat counts as its first pass), the event day a business day in it.
    `currency` is that of every price. The session's time zone must be UTC.
    """
    return Mapped(
        _payload(_typed(records), timezone, currency),
        identity=IDENTITY,
        rules=_field_rules(timezone),
    )


def _typed(records: DataFrame) -> DataFrame:
    """Give each field its type, null where it does not have the exact form; the reader's own columns stay."""
    return records.select(
        "*",
        F.col("fields.InvoiceNo").alias("order_id"),
        F.col("fields.StockCode").alias("product_id"),
        F.col("fields.Description").alias("product_name"),
        F.col("fields.CustomerID").alias("customer"),
        F.col("fields.Country").alias("country"),
        exactly("fields.Quantity", SIGNED_NUMBER, "long").alias("quantity"),
        exactly("fields.UnitPrice", PRICE, "decimal(18,4)").alias("unit_price"),
        exactly("fields.InvoiceDate", WALL_CLOCK, "timestamp").alias("wall_clock"),
    )


def _payload(typed: DataFrame, timezone: str, currency: str) -> DataFrame:
    """Add what follows from the typed fields: account, money, cancellation, instant and business day."""
    amount = F.col("quantity").cast("decimal(18,0)") * F.col("unit_price")
    return typed.select(
        "*",
        F.when(F.col("customer").rlike(CUSTOMER), F.substring_index("customer", ".", 1)).alias("account_id"),
        F.lit(currency).alias("currency"),
        amount.try_cast("decimal(18,4)").alias("amount"),
        F.col("order_id").startswith("C").alias("is_cancellation"),
        F.to_utc_timestamp("wall_clock", timezone).alias("ordered_at"),
        F.to_date("wall_clock").alias("event_day"),
    )


def _field_rules(timezone: str) -> list[Rule]:
    """Return the rules on the fields of a row, in the order of the columns."""
    no_such_hour = F.from_utc_timestamp("ordered_at", timezone) != F.col("wall_clock")
    no_account = F.col("customer").isNotNull() & F.col("account_id").isNull()
    return [
        Rule("missing_invoice", "InvoiceNo is filled", F.col("order_id").isNull()),
        Rule("missing_product", "StockCode is filled", F.col("product_id").isNull()),
        Rule(
            "invalid_quantity",
            "Quantity is a whole number of at most 18 digits, without blanks, point or plus sign",
            F.col("quantity").isNull(),
        ),
        Rule(
            "invalid_time",
            f"InvoiceDate is a time that exists in {timezone}, written yyyy-MM-dd HH:mm:ss",
            F.col("wall_clock").isNull() | no_such_hour,
        ),
        Rule(
            "invalid_price",
            "UnitPrice is a number of at most 14 digits before and 4 after the point",
            F.col("unit_price").isNull(),
        ),
        Rule("invalid_amount", "Quantity times UnitPrice has at most 14 digits", F.col("amount").isNull()),
        Rule("invalid_customer", "CustomerID is empty or a number such as 17850 or 17850.0", no_account),
    ]
