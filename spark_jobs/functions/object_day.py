"""The day of records that say none themselves: that of the export they stand in, which its name begins with."""

from pyspark.sql import Column
from pyspark.sql import functions as F

from spark_jobs.functions.envelope import Rule

NAMED_BY_DAY = r"^([0-9]{4}-[0-9]{2}-[0-9]{2})[._-]"


def object_day() -> Column:
    """Return the day that the name of a record's object begins with, as 2026-03-02.follows.csv; null if there is none.

    For records of a reader, which have object_name.
    """
    return F.regexp_extract("object_name", NAMED_BY_DAY, 1).try_cast("date")


def object_day_rule() -> Rule:
    """Return the rule that there is one, on records whose event_day it is."""
    return Rule(
        "invalid_object_day",
        "the name of an object begins with the day that it tells of, such as 2026-03-02.follows.csv",
        object_day().isNull(),
    )
