"""Reports of the payment service, a CSV row per payment or refund, to the payloads of events.payment and events.refund.

RECORD_TYPE says which of the two a row is; it is identified by TRANSACTION_NO and has no versions. Amounts are yuan
with two decimals, those of refunds positive; PAID_AT is the market's wall clock, written without separators.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_jobs.functions.envelope import Mapped, Rule
from spark_jobs.functions.payment_reports import SHOPS, compact_time, compact_time_rule
from spark_jobs.functions.strict import SHA256, YUAN, exactly, filled, looked_up

PAYMENT, REFUND = "events.payment", "events.refund"
IDENTITY = ("transaction_no",)
TARGETS = {"PAYMENT": PAYMENT, "REFUND": REFUND}
METHODS = {"WALLET": "wallet", "CARD": "card", "CREDIT": "credit"}
IS_PAID = {"PAID": 1, "FAILED": 0}


def payment_sdk(records: DataFrame, *, timezone: str, currency: str) -> Mapped:
    """Type rows of the service for the payload of what each is meant for, a row for a row.

    `records`: what a reader returns for the columns of the contract. `timezone` is the market's zone: PAID_AT is a wall
    clock in it, the event day a business day in it. `currency` is that of every amount. The session's zone is UTC.
    """
    return Mapped(
        _payload(_typed(records), timezone, currency),
        target=F.col("meant_for"),
        identity=IDENTITY,
        rules=_rules(timezone),
    )


def _typed(records: DataFrame) -> DataFrame:
    """Give each field its type, null where it is empty or has not the exact form; the reader's own columns stay."""
    return records.select(
        "*",
        looked_up(TARGETS, "fields.record_type").alias("meant_for"),
        filled("fields.transaction_no").alias("transaction_no"),
        filled("fields.merchant_order_no").alias("order_id"),
        looked_up(SHOPS, "fields.platform").alias("shop"),
        filled("fields.payer_no").alias("payer_id"),
        exactly("fields.payer_phone_sha256", SHA256, "string").alias("payer_phone_sha256"),
        looked_up(METHODS, "fields.method").alias("method"),
        looked_up(IS_PAID, "fields.status").cast("boolean").alias("is_paid"),
        exactly("fields.amount_yuan", YUAN, "decimal(18,4)").alias("amount"),
        filled("fields.refund_of").alias("refund_of"),
        compact_time("fields.paid_at").alias("wall_clock"),
    )


def _payload(typed: DataFrame, timezone: str, currency: str) -> DataFrame:
    """Add what follows from the typed fields: the transaction's part in it, currency, instant and business day."""
    moment = F.to_utc_timestamp("wall_clock", timezone)
    is_refund = F.col("meant_for") == REFUND
    return typed.select(
        "*",
        F.col("transaction_no").alias("refund_id"),
        F.when(is_refund, F.col("refund_of")).otherwise(F.col("transaction_no")).alias("payment_id"),
        F.lit(currency).alias("currency"),
        moment.alias("paid_at"),
        moment.alias("refunded_at"),
        F.to_date("wall_clock").alias("event_day"),
    )


def _rules(timezone: str) -> list[Rule]:
    """Return the rules on the fields of a row, in the order of the columns."""
    return [
        Rule("unknown_type", f"RECORD_TYPE is {' or '.join(TARGETS)}", F.col("meant_for").isNull()),
        Rule("missing_id", "TRANSACTION_NO is filled", F.col("transaction_no").isNull()),
        Rule("missing_order", "MERCHANT_ORDER_NO is filled", F.col("order_id").isNull()),
        Rule("unknown_platform", f"PLATFORM is {' or '.join(SHOPS)}", F.col("shop").isNull()),
        Rule(
            "invalid_hint",
            "PAYER_PHONE_SHA256 is empty or has 64 hexadecimal digits in lower case",
            filled("fields.payer_phone_sha256").isNotNull() & F.col("payer_phone_sha256").isNull(),
        ),
        Rule(
            "unknown_method",
            f"METHOD is empty or {' or '.join(METHODS)}",
            filled("fields.method").isNotNull() & F.col("method").isNull(),
        ),
        Rule("unknown_status", f"STATUS is {' or '.join(IS_PAID)}", F.col("is_paid").isNull()),
        Rule(
            "invalid_amount",
            "AMOUNT_YUAN is a number from 0 with two decimals, of at most 14 digits before them",
            F.col("amount").isNull(),
        ),
        Rule(
            "missing_payment",
            "a refund has a REFUND_OF",
            (F.col("meant_for") == REFUND) & F.col("refund_of").isNull(),
        ),
        compact_time_rule("PAID_AT", timezone, "paid_at"),
    ]
