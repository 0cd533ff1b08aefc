"""Interactions of visitors around the end of March 2026 in London, and the sessions built from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from spark_jobs.features.session import session

INSTANT = pa.timestamp("us", "UTC")
INTERACTION = pa.schema(
    {
        "day": pa.date32(),
        "occurred_at": INSTANT,
        **dict.fromkeys(("namespace", "event_id", "kind", "visitor_id", "account_id", "product_id"), pa.string()),
    }
)
COUNTS = ("interactions", "views", "searches", "engagements", "cart_adds", "checkouts", "products")
SESSION = pa.schema(
    {
        "day": pa.date32(),
        **dict.fromkeys(("namespace", "visitor_id", "session_id", "account_id"), pa.string()),
        **dict.fromkeys(("started_at", "ended_at"), INSTANT),
        **dict.fromkeys(("duration_seconds", *COUNTS), pa.int64()),
    }
)
# Clocks go forward on the fourth day, 29 March: it has 23 hours.
FIRST_DAY = date(2026, 3, 26)
ZONE = ZoneInfo("Europe/London")


def at(minutes: float) -> datetime:
    """The instant some minutes after the first day's midnight."""
    return datetime(2026, 3, 26, tzinfo=UTC) + timedelta(minutes=minutes)


@dataclass(frozen=True)
class Interaction:
    """One event."""

    occurred_at: datetime
    visitor: str | None = "a"
    kind: str = "view"
    account: str | None = None
    product: str | None = None
    event_id: str = ""
    namespace: str = "shop"

    @property
    def day(self) -> date:
        """Its business day."""
        return self.occurred_at.astimezone(ZONE).date()

    def row(self) -> dict[str, Any]:
        """Its row in `events.interaction`, as far as sessions read it."""
        return {
            "day": self.day,
            "occurred_at": self.occurred_at,
            "namespace": self.namespace,
            "event_id": self.event_id or f"{self.namespace}-{self.visitor}-{self.occurred_at.isoformat()}",
            "kind": self.kind,
            "visitor_id": self.visitor,
            "account_id": self.account,
            "product_id": self.product,
        }


def frame(spark: SparkSession, rows: Sequence[dict[str, Any]], schema: pa.Schema) -> DataFrame:
    """Literal rows, handed over without Python workers, which take longer than the job."""
    return spark.createDataFrame(pa.Table.from_pylist(list(rows), schema=schema))


def built(
    spark: SparkSession,
    visits: Sequence[Interaction],
    first: int,
    last: int,
    previous: Sequence[dict[str, Any]] = (),
    **limits: int,
) -> list[dict[str, Any]]:
    """The sessions of a range of days, given as days after the first; in order of visitor and start.

    `previous` may hold sessions of more days than the one before.
    """
    start = FIRST_DAY + timedelta(days=first)
    spine = [{"day": start + timedelta(days=offset)} for offset in range(last - first + 1)]
    made = session(
        frame(spark, [visit.row() for visit in visits], INTERACTION),
        frame(spark, spine, pa.schema({"day": pa.date32()})),
        frame(spark, [row for row in previous if row["day"] == start - timedelta(days=1)], SESSION),
        **{"inactivity_minutes": 30, "longest_hours": 24} | limits,
    )
    assert made.columns == SESSION.names
    return sorted(made.toArrow().to_pylist(), key=lambda row: (row["namespace"], row["visitor_id"], row["started_at"]))
