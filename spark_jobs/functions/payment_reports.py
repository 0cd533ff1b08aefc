"""What all reports of the payment service have: shops by letters, and compact times of the market's clock."""

from pyspark.sql import Column
from pyspark.sql import functions as F

from spark_jobs.functions.envelope import Rule

# The namespaces of the platforms that the service knows by letters.
SHOPS = {"B": "livestream", "C": "community"}

COMPACT_TIME = r"^[0-9]{14}\z"
PARTS = r"^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$"


def compact_time(field: str) -> Column:
    """Return a wall clock written YYYYMMDDHHMMSS as a timestamp, null where it is none."""
    spaced = F.regexp_replace(field, PARTS, "$1-$2-$3 $4:$5:$6")
    return F.when(F.col(field).rlike(COMPACT_TIME), spaced.try_cast("timestamp"))


def compact_time_rule(called: str, timezone: str, moment: str) -> Rule:
    """Return the rule on a wall clock, typed as wall_clock and, in UTC, as `moment`."""
    no_such_hour = F.from_utc_timestamp(moment, timezone) != F.col("wall_clock")
    return Rule(
        "invalid_time",
        f"{called} is a time that exists in {timezone}, written YYYYMMDDHHMMSS",
        F.col("wall_clock").isNull() | no_such_hour,
    )
