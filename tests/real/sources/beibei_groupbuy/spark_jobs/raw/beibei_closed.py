"""What became of groups to buy together, a line each, to the payload of events.group_buy: `filled` or `expired`.

The lines are those of beibei_opened: one record is one event, and of a group two are told. A line with participants is
that of a group that came about.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from spark_jobs.raw.beibei_opened import group_steps

from spark_jobs.functions.envelope import Mapped


def beibei_closed(records: DataFrame, *, timezone: str, currency: str) -> Mapped:
    """Type groups as closed, a row for a row, when the day of the export begins in `timezone`; no money is in it."""
    nobody = F.lit(None).cast("string")
    kind = F.when(F.col("participants").isNull(), "expired").otherwise("filled")
    return group_steps(records, timezone, {"kind": kind, "account_id": nobody, "product_id": nobody})
