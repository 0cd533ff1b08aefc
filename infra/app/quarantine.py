"""The quarantine: delivered records that could not be read, as the published tables of the sources hold them.

raw.<source>, rows without a target ─▶ causes: source, reason, rule ─▶ command line, pages, notices
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import pyarrow as pa
from pyiceberg.expressions import And, BooleanExpression
from pyiceberg.table import Table

from expectations.contract import Contract
from infra.app.app import App
from infra.app.kinds.landing_objects import OBJECTS, object_key
from infra.lake import branch
from infra.lake.filters import equals, is_in, is_null, not_before
from infra.lake.partitions import EPOCH, live_files
from infra.loop.plan import Partition

PLACE: Final = ("object_sha256", "object_name", "position")
JUDGED_BY: Final = ("contract_version", "mapping_code")
ABOUT: Final = ("reason", "rule", "received_hour", *JUDGED_BY)
Row = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Where one record stands: its object, and the line or item in it (0 for the object as a whole)."""

    object_name: str
    object_sha256: str
    position: int
    path: str


@dataclass(frozen=True)
class Cause:
    """The records of a source that broke one rule.

    `outdated` are those that were judged by an older mapping or contract than the present ones; `example` is the first
    of the object that came last.
    """

    source: str
    reason: str
    rule: str
    records: int
    objects: int
    outdated: int
    first_received: datetime
    last_received: datetime
    contract_versions: tuple[str, ...]
    example: Place
    remedy: str


@dataclass(frozen=True)
class DayShare:
    """Records of a source that were received on a day (UTC), and how many of them could not be read."""

    day: date
    received: int
    quarantined: int

    @property
    def share(self) -> float:
        """The quarantined part."""
        return self.quarantined / self.received if self.received else 0.0


def read_causes(app: App, sources: Iterable[str] = (), since: date | None = None) -> list[Cause]:
    """Why records of some sources (of all if none is named) are quarantined; most records of a source first.

    `since` leaves out what was received before that day (UTC).
    """
    found: list[Cause] = []
    for name in sources or app.datasets.sources:
        found.extend(_causes(app, app.source(name), since))
    return found


def quarantined(
    app: App, source: Contract, columns: Sequence[str], chosen: BooleanExpression | None = None
) -> pa.Table:
    """Some columns of a source's published records that could not be read; those the table has not got yet are null."""
    table = app.lake.find(source.name)
    if table is None or branch.MAIN not in table.refs():
        return pa.table({name: pa.nulls(0) for name in columns})
    # Such a record has no target, which is what the table is partitioned by: no other file is opened.
    no_target = is_null("target")
    there = tuple(name for name in columns if name in table.schema().column_names)
    row_filter = no_target if chosen is None else And(no_target, chosen)
    rows = table.scan(snapshot_id=branch.head(table), row_filter=row_filter, selected_fields=there).to_arrow()
    for name in columns:
        rows = rows if name in there else rows.append_column(name, pa.nulls(rows.num_rows, pa.string()))
    return rows


def _causes(app: App, source: Contract, since: date | None) -> list[Cause]:
    chosen = None if since is None else not_before("received_hour", datetime.combine(since, time(), UTC))
    rows = quarantined(app, source, (*PLACE, *ABOUT), chosen)
    by = [*ABOUT, "object_sha256", "object_name"]
    counted = rows.group_by(by).aggregate([("position", "min"), ([], "count_all")]).to_pylist()
    landed = landed_objects(app, source, {row["object_sha256"] for row in counted})
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in counted:
        # What has left the landing store has no row there any more, until the next run takes its records out.
        gone = {"received_at": row["received_hour"], "path": ""}
        row["landed"] = landed.get(key_of(source, row), gone)
        groups.setdefault((row["reason"], row["rule"] or ""), []).append(row)
    code = app.datasets.all[source.name].node.code
    found = [_cause(source, reason, rule, group, code) for (reason, rule), group in groups.items()]
    return sorted(found, key=lambda cause: (-cause.records, cause.reason))


def _cause(source: Contract, reason: str, rule: str, rows: Sequence[Row], code: str) -> Cause:
    newest = max(rows, key=lambda row: (row["landed"]["received_at"], row["object_name"], -row["position_min"]))
    received = [row["landed"]["received_at"] for row in rows]
    outdated = sum(row["count_all"] for row in rows if row["mapping_code"] != code)
    return Cause(
        source=source.short_name,
        reason=reason,
        rule=rule,
        records=sum(row["count_all"] for row in rows),
        objects=len({(row["object_sha256"], row["object_name"]) for row in rows}),
        outdated=outdated,
        first_received=min(received),
        last_received=max(received),
        contract_versions=tuple(sorted({row["contract_version"] for row in rows if row["contract_version"]})),
        example=Place(newest["object_name"], newest["object_sha256"], newest["position_min"], newest["landed"]["path"]),
        remedy=remedy(source.short_name, reason, is_outdated=outdated > 0),
    )


def key_of(source: Contract, row: Row) -> Partition:
    """The planner's name of the object that a row came from."""
    return f"{source.short_name}/{row['object_sha256']}/{row['object_name']}"


def landed_objects(app: App, source: Contract, sha256s: set[str]) -> dict[Partition, Row]:
    """Rows of `raw.objects` about some objects of a source, by key."""
    if not sha256s:
        return {}
    row_filter = And(equals("source", source.short_name), is_in("object_sha256", sha256s))
    rows = app.lake.table(OBJECTS).scan(row_filter=row_filter).to_arrow().to_pylist()
    return {object_key(row): row for row in rows}


def remedy(source: str, reason: str, *, is_outdated: bool) -> str:
    """What to do about the records of a source that broke the rule behind a reason code."""
    from spark_jobs.functions.envelope import READER_RULES

    replay = f"`guanxi quarantine replay {source} --reason {reason}`"
    again = f"`guanxi land --source {source} --supersedes <SHA-256> <FILE>`"
    contract = f"expectations/contracts/raw/{source}.odcs.yaml"
    if is_outdated:
        return f"The mapping or the contract has changed since: {replay}"
    if reason in READER_RULES:
        return f"Have the sender write it again, and {again}. If its form is new, mend {contract}, then {replay}"
    mend = f"mend spark_jobs/raw/{source}.py or {contract}"
    return f"If the records are right, {mend}, then {replay}. If not, have the sender correct them, and {again}"


def shares(app: App, source: Contract) -> list[DayShare]:
    """How many records of a source were received and quarantined on each day; read from metadata alone."""
    table = app.lake.find(source.name)
    return [] if table is None or branch.MAIN not in table.refs() else _shares(table)


def unread_records(app: App, source: Contract) -> int:
    """How many published records of a source could not be read; read from metadata alone."""
    return sum(day.quarantined for day in shares(app, source))


def _shares(table: Table) -> list[DayShare]:
    received: Counter[date] = Counter()
    unread: Counter[date] = Counter()
    for file in live_files(table, branch.head(table)):
        day = EPOCH + timedelta(microseconds=int(file.values["received_hour"] or 0))
        received[day] += file.rows
        unread[day] += file.rows if file.values["target"] is None else 0
    return [DayShare(day, received[day], unread[day]) for day in sorted(received)]
