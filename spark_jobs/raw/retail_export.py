"""Daily order export of the retail platform: a CSV row per invoice line, to the payload of events.order_line.

InvoiceNo (C... cancels, A... adjusts a bad debt), StockCode, Description, Quantity, InvoiceDate (local wall clock),
UnitPrice, CustomerID (a number, exported as 17850.0), Country. The row has no id: it is identified by all its columns.
"""

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from spark_jobs.functions.envelope import Rule, day_rules, to_envelope

TARGET = "events.order_line"
PAYLOAD = (
    "order_id",
    "product_id",
    "product_name",
    "account_id",
    "quantity",
    "unit_price",
    "currency",
    "amount",
    "is_cancellation",
    "ordered_at",
    "country",
)
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
READ = ("object_sha256", "object_name", "received_at", "position", "original", "problem", "extra")

# Casts are more lenient than a contract may be: they trim blanks, round, and read exponents and single-digit months.
WHOLE_NUMBER = r"^-?[0-9]{1,18}\z"
PRICE = r"^-?[0-9]{1,14}(\.[0-9]{1,4})?\z"
WALL_CLOCK = r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\z"
ACCOUNT = r"^([0-9]+)(\.0)?\z"


def retail_export(records: DataFrame, *, namespace: str, timezone: str, currency: str, first_day: date) -> DataFrame:
    """Map export rows to the record envelope with the payload of events.order_line.

    `records`: what `read_csv_records` returns for the columns above; a row in for a row out. `timezone` is the market's
    zone, in which InvoiceDate is a wall clock and the event day a business day; `currency` that of all prices.
    """
    typed = _typed(records, timezone, currency)
    return to_envelope(
        typed,
        target=TARGET,
        namespace=namespace,
        payload=PAYLOAD,
        identity=IDENTITY,
        rules=_rules() + day_rules(F.col("event_day"), _day_of(F.col("received_at"), timezone), first_day),
    )


def _typed(records: DataFrame, timezone: str, currency: str) -> DataFrame:
    """Give each field its type; null where it is not of the exact form."""
    field = {name: F.col(f"fields.{name}") for name in records.schema["fields"].dataType.fieldNames()}
    parsed = records.select(
        *READ,
        field["InvoiceNo"].alias("order_id"),
        field["StockCode"].alias("product_id"),
        field["Description"].alias("product_name"),
        field["CustomerID"].alias("customer"),
        field["Country"].alias("country"),
        _exact(field["Quantity"], WHOLE_NUMBER, "bigint").alias("quantity"),
        _exact(field["UnitPrice"], PRICE, "decimal(18,4)").alias("unit_price"),
        _exact(field["InvoiceDate"], WALL_CLOCK, "timestamp").alias("wall_clock"),
    )
    return parsed.select("*",
        F.lit(currency).alias("currency"),
        (F.col("quantity").cast("decimal(18,0)") * F.col("unit_price")).try_cast("decimal(18,4)").alias("amount"),
        F.col("order_id").startswith("C").alias("is_cancellation"),
        F.to_utc_timestamp("wall_clock", timezone).alias("ordered_at"),
        F.to_date("wall_clock").alias("event_day"),
        F.regexp_extract("customer", ACCOUNT, 1).alias("account_id"))


def _exact(text: Column, pattern: str, type_name: str) -> Column:
    return F.when(text.rlike(pattern), text.try_cast(type_name))


def _day_of(instant: Column, timezone: str) -> Column:
    return F.to_date(F.from_utc_timestamp(instant, timezone))

def _rules():
    return [Rule("missing_invoice", "x", F.col("order_id").isNull()),Rule("missing_product", "x", F.col("product_id").isNull()),
    Rule("invalid_quantity", "x", F.col("quantity").isNull()),
    Rule("invalid_price", "x", F.col("unit_price").isNull()),
    Rule("invalid_amount", "x", F.col("amount").isNull()),
    Rule("invalid_time", "x", F.col("ordered_at").isNull())]
