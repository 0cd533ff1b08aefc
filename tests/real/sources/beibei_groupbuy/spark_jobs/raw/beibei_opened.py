"""Who opened a group to buy what, a line each, to the payload of events.group_buy: the step `opened`.

initiator, item, participants (any number of them; none where nobody joined). A group has no number: it is known by all
that its line says. Nor has it a time: the day is that of the export, which its name begins with.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from spark_jobs.functions.envelope import Mapped, Rule
from spark_jobs.functions.fields import Field, form_rules, typed
from spark_jobs.functions.object_day import object_day, object_day_rule
from spark_jobs.functions.strict import WHOLE, WHOLE_NUMBER, exactly

NUMBERS = r"^[0-9]{1,18}(\t[0-9]{1,18})*\z"


def beibei_opened(records: DataFrame, *, timezone: str, currency: str) -> Mapped:
    """Type groups as opened, a row for a row, when the day of the export begins in `timezone`; no money is in it."""
    opened = {"kind": F.lit("opened"), "account_id": F.col("initiator"), "product_id": F.col("item")}
    return group_steps(records, timezone, opened)


def group_steps(records: DataFrame, timezone: str, step: dict[str, Column]) -> Mapped:
    """Type lines for a step of their groups, a row for a row; `step` are the columns that tell one from another."""
    participants = exactly("fields.participants", NUMBERS, "string")
    fields = [
        Field("initiator", "initiator", exactly("fields.initiator", WHOLE_NUMBER, "string"), WHOLE),
        Field("item", "item", exactly("fields.item", WHOLE_NUMBER, "string"), WHOLE),
        Field("participants", "participants", participants, f"none or some, each {WHOLE}"),
    ]
    payload = typed(records, fields).select(
        "*",
        F.concat_ws("-", "initiator", "item", F.translate("participants", "\t", "-")).alias("group_id"),
        F.lit(None).cast("long").alias("size"),
        object_day().alias("event_day"),
        F.to_utc_timestamp(object_day().cast("timestamp"), timezone).alias("occurred_at"),
        *[column.alias(name) for name, column in step.items()],
    )
    rules = [
        Rule("missing_initiator", "initiator is filled", F.col("fields.initiator").isNull()),
        Rule("missing_item", "item is filled", F.col("fields.item").isNull()),
        *form_rules(fields),
        object_day_rule(),
    ]
    return Mapped(payload, identity=("group_id", "kind", "occurred_at"), rules=rules)
