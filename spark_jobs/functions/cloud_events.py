"""Events written as CloudEvents 1.0, JSON format: what all of them have, typed, and the rules on it.

An event is identified by its source and id; a revision, where there is one, is its version. Times are RFC 3339.
Source: CloudEvents - Version 1.0.2, CNCF.
"""

from collections.abc import Iterable

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_jobs.functions.envelope import Rule, revision_rule
from spark_jobs.functions.strict import WHOLE_NUMBER, exactly, filled

IDENTITY = ("event_source", "id")
RFC_3339 = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})\z"
MOMENT = "a moment that exists, written like 2026-03-02T10:00:00.5+08:00, a second with at most 6 decimals"


def with_event(records: DataFrame) -> DataFrame:
    """Add id, event_source, occurred_at and revision, null where one is empty or has not the exact form."""
    return records.select(
        "*",
        filled("fields.id").alias("id"),
        filled("fields.event_source").alias("event_source"),
        exactly("fields.time", RFC_3339, "timestamp").alias("occurred_at"),
        exactly("fields.revision", WHOLE_NUMBER, "long").alias("revision"),
    )


def event_rules(types: Iterable[str]) -> list[Rule]:
    """Return the rules on what every event has; `types` are those that the column meant_for knows a table for."""
    return [
        Rule("invalid_specversion", "specversion is 1.0", ~F.col("fields.specversion").eqNullSafe("1.0")),
        Rule("missing_id", "id is filled", F.col("id").isNull()),
        Rule("missing_source", "source is filled", F.col("event_source").isNull()),
        Rule("unknown_type", f"type is one of {', '.join(types)}", F.col("meant_for").isNull()),
        Rule("invalid_time", f"time is {MOMENT}", F.col("occurred_at").isNull()),
        revision_rule("revision", "fields.revision"),
    ]
