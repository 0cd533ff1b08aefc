"""Settlements of the payment service, a CSV row per payout to a merchant, to the payload of events.settlement.

A row is identified by SETTLEMENT_NO and has no versions. Amounts are yuan with two decimals; SETTLED_AT is the market's
wall clock, written without separators.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_jobs.functions.envelope import Mapped, Rule
from spark_jobs.functions.fields import Field, form_rules, text, typed
from spark_jobs.functions.payment_reports import SHOPS, compact_time, compact_time_rule
from spark_jobs.functions.strict import YUAN, exactly, looked_up

IDENTITY = ("settlement_id",)
SIGNED_YUAN = r"^-?[0-9]{1,14}\.[0-9]{2}\z"
TWO_DECIMALS = "a number with two decimals, of at most 14 digits before them"


def payment_settlements(records: DataFrame, *, timezone: str, currency: str) -> Mapped:
    """Type rows of the service for the payload of events.settlement, a row for a row.

    `records`: what a reader returns for the columns of the contract. `timezone` is the market's zone: SETTLED_AT is a
    wall clock in it, the event day a business day in it. `currency` is that of every amount. The session's zone is UTC.
    """
    amounts = [_amount(name) for name in ("gross", "refunded", "fee")]
    names = [text("settlement_id", "SETTLEMENT_NO", "settlement_no"), text("merchant_id", "MERCHANT_NO", "merchant_no")]
    wall_clock = compact_time("fields.settled_at")
    settlements = typed(records, [*names, *amounts]).select(
        "*",
        looked_up(SHOPS, "fields.platform").alias("shop"),
        exactly("fields.amount_yuan", SIGNED_YUAN, "decimal(18,4)").alias("amount"),
        F.lit(currency).alias("currency"),
        wall_clock.alias("wall_clock"),
        F.to_utc_timestamp(wall_clock, timezone).alias("settled_at"),
        F.to_date(wall_clock).alias("event_day"),
    )
    return Mapped(
        settlements,
        identity=IDENTITY,
        rules=[*_rules(), *form_rules(amounts), _sum(), compact_time_rule("SETTLED_AT", timezone, "settled_at")],
    )


def _amount(name: str) -> Field:
    """Return an amount that is never below zero, as a field."""
    delivered = f"{name}_yuan"
    value = exactly(f"fields.{delivered}", YUAN, "decimal(18,4)")
    return Field(name, delivered.upper(), value, f"{TWO_DECIMALS}, from 0", delivered)


def _rules() -> list[Rule]:
    """Return the rules on what a row is about and what is paid out."""
    return [
        Rule("missing_id", "SETTLEMENT_NO is filled", F.col("settlement_id").isNull()),
        Rule("unknown_platform", f"PLATFORM is {' or '.join(SHOPS)}", F.col("shop").isNull()),
        Rule("missing_merchant", "MERCHANT_NO is filled", F.col("merchant_id").isNull()),
        Rule("invalid_amount", f"AMOUNT_YUAN is {TWO_DECIMALS}", F.col("amount").isNull()),
    ]


def _sum() -> Rule:
    """Return the rule that what is paid out is what is left; a row without all four amounts does not break it."""
    return Rule(
        "wrong_sum",
        "AMOUNT_YUAN is GROSS_YUAN less REFUNDED_YUAN and FEE_YUAN",
        F.col("amount") != F.col("gross") - F.col("refunded") - F.col("fee"),
    )
