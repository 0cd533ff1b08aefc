"""The fate of each good record among the deliveries of the same event: decided by content, never by arrival."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

IDENTITY = ("record_id", "namespace")  # the hash first: rows are sorted by it, and its prefix tells them apart
PLACE = ("object_sha256", "object_name", "position")


def resolve(records: DataFrame, *, identity_window_days: int) -> DataFrame:
    """Add the column `fate` to records: duplicate, superseded, conflict or good, the first that applies.

    A record is compared with those of the same namespace and record_id at most `identity_window_days` event days away.
    It is a duplicate if an equal payload_hash has a smaller (object_sha256, object_name, position); superseded if a
    record has a higher version, null being the lowest; in conflict if one of its own version has a higher payload_hash.
    So of all that compete within the window exactly one is good.
    """
    days = F.unix_date("event_day")
    rivals = Window.partitionBy(*IDENTITY).orderBy(days).rangeBetween(-identity_window_days, identity_window_days)
    copies = (
        Window.partitionBy(*IDENTITY, "payload_hash")
        .orderBy(days)
        .rangeBetween(-identity_window_days, identity_window_days)
    )
    place = F.struct(*PLACE)
    rank = F.struct(F.col("version").isNotNull(), F.coalesce("version", F.lit(0)))
    claim = F.struct(rank.alias("rank"), F.col("payload_hash").alias("payload_hash"))
    best = F.max(claim).over(rivals)
    fate = (
        F.when(F.min(place).over(copies) < place, "duplicate")
        .when(best["rank"] > rank, "superseded")
        .when(best["payload_hash"] > F.col("payload_hash"), "conflict")
        .otherwise("good")
    )
    return records.withColumn("fate", fate)
