"""The fate of each good record among the deliveries of the same event: decided by content, never by arrival.

records ─▶ deliveries of an event side by side ─▶ all of one day: compared with their best
                                              └─▶ of several days: compared with those near enough
"""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

# The hash stands first, since rows are sorted by it and its first bytes tell most of them apart.
IDENTITY = ("record_id", "namespace")
PLACE = ("object_sha256", "object_name", "position")
WORK = ("first_day", "last_day", "best", "before", "rivals")


def resolve(records: DataFrame, *, identity_window_days: int) -> DataFrame:
    """Add the column `fate` to records: duplicate, superseded, conflict or good, the first that applies.

    A record is compared with those of the same namespace and record_id at most `identity_window_days` event days away.
    It is a duplicate if one of its own version and payload_hash has a smaller (object_sha256, object_name, position);
    superseded if one of them has a higher version, null being the lowest; in conflict if one of its own version has a
    higher payload_hash. So one record of an event is always good: the fates are an order, and the greatest has nobody
    above it. `records` must also have event_day and version. One shuffle and one sort, by record_id.
    """
    several_days = F.col("first_day") != F.col("last_day")
    compared = _with_rivals(_side_by_side(records), several_days)
    near = F.filter("rivals", lambda rival: F.abs(_days_from(rival["event_day"])) <= identity_window_days)
    fate = F.when(several_days, _fate_among(near)).otherwise(_fate_in_one_day())
    return compared.withColumn("fate", fate).drop(*WORK)


def _side_by_side(records: DataFrame) -> DataFrame:
    """Add what the deliveries of an event have in common, and what the delivery before a record says.

    They are in the order of payload, version, day and place, so a copy comes after what it copies.
    """
    ordered = Window.partitionBy(*IDENTITY).orderBy("payload_hash", "version", "event_day", *PLACE)
    all_of_them = ordered.rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
    return records.select(
        "*",
        F.min("event_day").over(all_of_them).alias("first_day"),
        F.max("event_day").over(all_of_them).alias("last_day"),
        F.max(F.struct("version", "payload_hash")).over(all_of_them).alias("best"),
        F.lag(_claim()).over(ordered).alias("before"),
    )


def _with_rivals(records: DataFrame, several_days: Column) -> DataFrame:
    """Add the deliveries an event of several days has, runs of equal ones as their first; null for all other events.

    Most events are delivered for one day, and need no list; a list of runs stays short where copies are many.
    """
    rival = F.struct("event_day", "version", "payload_hash", F.struct(*PLACE).alias("place"))
    starts_run = several_days & ~F.col("before").eqNullSafe(_claim())
    rivals = F.collect_list(F.when(starts_run, rival)).over(Window.partitionBy(*IDENTITY))
    return records.withColumn("rivals", rivals)


def _claim() -> Column:
    return F.struct("payload_hash", "event_day", "version")


def _days_from(day: Column) -> Column:
    return F.datediff(day, F.col("event_day"))


def _fate_in_one_day() -> Column:
    """Tell the fate of a record whose event has deliveries of one day alone."""
    best = F.col("best")
    copies_one_before = F.col("before.version").eqNullSafe(F.col("version")) & (
        F.col("before.payload_hash") == F.col("payload_hash")
    )
    return (
        F.when(copies_one_before, "duplicate")
        .when(_is_above(best["version"], F.col("version")), "superseded")
        .when(best["payload_hash"] > F.col("payload_hash"), "conflict")
        .otherwise("good")
    )


def _fate_among(near: Column) -> Column:
    """Tell the fate of a record among the deliveries near enough, its own among them."""
    return (
        F.when(F.exists(near, _is_copied_by_own), "duplicate")
        .when(F.exists(near, lambda rival: _is_above(rival["version"], F.col("version"))), "superseded")
        .when(F.exists(near, _outdoes_own), "conflict")
        .otherwise("good")
    )


def _is_copied_by_own(rival: Column) -> Column:
    """Tell whether a rival has this record's payload and version, and comes first."""
    is_copy = (rival["payload_hash"] == F.col("payload_hash")) & rival["version"].eqNullSafe(F.col("version"))
    return is_copy & (rival["place"] < F.struct(*PLACE))


def _outdoes_own(rival: Column) -> Column:
    """Tell whether a rival of the same version has the higher payload."""
    return rival["version"].eqNullSafe(F.col("version")) & (rival["payload_hash"] > F.col("payload_hash"))


def _is_above(version: Column, other: Column) -> Column:
    """Compare versions, no version being lowest."""
    return F.coalesce(version > other, version.isNotNull() & other.isNull())
