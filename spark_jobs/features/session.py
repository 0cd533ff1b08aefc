"""Visits to a platform: what a visitor does there without a long pause, over midnight too.

interactions ─▶ runs, ended by a pause ─▶ most runs are one session
                                      └─▶ those that outlast a session: cut from their start on
"""

from pyspark.sql import Column, DataFrame, Window, WindowSpec
from pyspark.sql import functions as F

VISITOR = ("namespace", "visitor_id")
MOMENT = ("occurred_at", "day")
ENGAGEMENTS = ("like", "comment", "share", "save")
MICROSECONDS_A_MINUTE = 60_000_000
MICROSECONDS_A_SECOND = 1_000_000
# Neither a namespace nor a number holds it, so what stands before the visitor cannot be read in two ways.
SEPARATOR = "\x1f"
HASH_CHARACTERS = 32  # of the 64 of sha2-256: 128 bits, still none alike by accident


def session(
    interaction: DataFrame, days: DataFrame, previous: DataFrame, inactivity_minutes: int, longest_hours: int
) -> DataFrame:
    """Cut what each visitor does into sessions; a row per session that starts on one of `days`.

    `interaction`: the rows of these days and of the day after. `days`: a contiguous range, one column `day`.
    `previous`: the sessions of the day before the first of them, empty at the start. A session ends before the first
    interaction that comes `inactivity_minutes` or more after the one before it, or `longest_hours` or more after the
    session's start, or on the second day after the day of the start. Only where clocks go forward is there such an
    interaction within 24 hours. A namespace keeps one zone, so its days follow each other as its instants do.
    Ended by inactivity as first measured by Catledge and Pitkow (1995); 30 minutes is the custom of web analytics.
    """
    unclaimed = _unclaimed(_within(interaction, days), previous)
    runs = _with_run(unclaimed, inactivity_minutes * MICROSECONDS_A_MINUTE)
    starts = _starts_in_long_runs(runs, longest_hours * 60 * MICROSECONDS_A_MINUTE)
    sessions = _summed(_with_session(runs, starts))
    return _described(sessions.join(F.broadcast(days.select("day")), on="day", how="left_semi"))


def _within(interaction: DataFrame, days: DataFrame) -> DataFrame:
    """Return the interactions of the days and of the day after the last of them; of nobody there is no session."""
    read = days.select("day").union(days.select(F.date_add("day", 1)))
    told = interaction.where(F.col("visitor_id").isNotNull())
    return told.join(F.broadcast(read), on="day", how="left_semi")


def _unclaimed(interaction: DataFrame, previous: DataFrame) -> DataFrame:
    """Leave out what belongs to a session that started on the day before: the first one left starts a new session."""
    ended = previous.groupBy(*VISITOR).agg(F.max("ended_at").alias("ended_before"))
    is_later = F.col("ended_before").isNull() | (F.col("occurred_at") > F.col("ended_before"))
    return interaction.join(ended, on=list(VISITOR), how="left").where(is_later)


def _with_run(interaction: DataFrame, pause: int) -> DataFrame:
    """Add the first moment of the run that an interaction is in; a run ends where nothing happens for `pause`."""
    since = _elapsed(F.lag("occurred_at").over(_in_time()), F.col("occurred_at"))
    marked = interaction.withColumn("starts_run", F.coalesce(since >= pause, F.lit(True)))
    return marked.withColumn("run", _latest_moment(F.col("starts_run")))


def _starts_in_long_runs(runs: DataFrame, longest: int) -> DataFrame:
    """Return the session starts in runs that outlast a session: the visitor's key and occurred_at.

    Each start depends on the one before, so the times of such a run are folded in order. They are those of its first
    session's end and later: there are few such runs, and no others are collected.
    """
    later = runs.where(_is_over(F.col("run"), F.struct(*MOMENT), longest))
    moments = later.groupBy(*VISITOR, "run").agg(F.sort_array(F.collect_set(F.struct(*MOMENT))).alias("moments"))
    starts = F.aggregate("moments", F.array("run"), lambda found, moment: _extended(found, moment, longest))
    return moments.select(*VISITOR, F.explode(starts).alias("start")).select(*VISITOR, "start.occurred_at")


def _extended(starts: Column, moment: Column, longest: int) -> Column:
    """Append a moment to the session starts so far if the last of these sessions is over by then."""
    is_over = _is_over(F.element_at(starts, -1), moment, longest)
    return F.when(is_over, F.concat(starts, F.array(moment))).otherwise(starts)


def _is_over(start: Column, moment: Column, longest: int) -> Column:
    """Tell whether a session is over by a moment, however busy its visitor is."""
    # The day after is all that a day's sessions are built from, and it has 23 hours where clocks go forward.
    is_too_late = moment["day"] > F.date_add(start["day"], 1)
    return (_elapsed(start["occurred_at"], moment["occurred_at"]) >= longest) | is_too_late


def _with_session(runs: DataFrame, starts: DataFrame) -> DataFrame:
    """Add the first moment of the session that an interaction is in."""
    cut = F.broadcast(starts.withColumn("starts_session", F.lit(True)))
    is_start = F.col("starts_session").isNotNull() | (F.col("occurred_at") == F.col("run.occurred_at"))
    marked = runs.join(cut, on=[*VISITOR, "occurred_at"], how="left")
    return marked.withColumn("session", _latest_moment(is_start))


def _latest_moment(is_one: Column) -> Column:
    """Return the latest of the moments so marked up to an interaction, those of the same instant included."""
    return F.max(F.when(is_one, F.struct(*MOMENT))).over(_in_time())


def _in_time() -> WindowSpec:
    return Window.partitionBy(*VISITOR).orderBy("occurred_at")


def _summed(interaction: DataFrame) -> DataFrame:
    """Sum the interactions of each session, whose day is that of its start."""
    known = F.when(F.col("account_id").isNotNull(), F.struct("occurred_at", "event_id"))
    totals = interaction.groupBy(*VISITOR, "session").agg(
        F.min_by("account_id", known).alias("account_id"),
        F.max("occurred_at").alias("ended_at"),
        F.count(F.lit(1)).alias("interactions"),
        F.count_if(F.col("kind") == "view").alias("views"),
        F.count_if(F.col("kind") == "search").alias("searches"),
        F.count_if(F.col("kind").isin(*ENGAGEMENTS)).alias("engagements"),
        F.count_if(F.col("kind") == "add_to_cart").alias("cart_adds"),
        F.count_if(F.col("kind") == "checkout").alias("checkouts"),
        F.count_distinct("product_id").alias("products"),
    )
    return totals.withColumns({"day": F.col("session.day"), "started_at": F.col("session.occurred_at")})


def _described(sessions: DataFrame) -> DataFrame:
    """Turn sums into the columns of the feature."""
    lasted = _elapsed(F.col("started_at"), F.col("ended_at"))
    return sessions.select(
        "day",
        "namespace",
        "visitor_id",
        _session_id().alias("session_id"),
        "account_id",
        "started_at",
        "ended_at",
        F.floor(lasted / MICROSECONDS_A_SECOND).alias("duration_seconds"),
        "interactions",
        "views",
        "searches",
        "engagements",
        "cart_adds",
        "checkouts",
        "products",
    )


def _session_id() -> Column:
    """Return a hash of who started the session and when, the same whenever it is built."""
    start = F.unix_micros("started_at").cast("string")
    return F.left(F.sha2(F.concat_ws(SEPARATOR, "namespace", start, "visitor_id"), 256), F.lit(HASH_CHARACTERS))


def _elapsed(since: Column, until: Column) -> Column:
    """Return the microseconds between two instants, free of the zone that intervals of days are reckoned in."""
    return F.unix_micros(until) - F.unix_micros(since)
