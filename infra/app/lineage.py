"""Lineage and differences: which exact versions stand behind a version, and why two versions differ."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
from pyiceberg.expressions import AlwaysTrue, BooleanExpression
from pyiceberg.table import Table

from infra.app.app import App
from infra.app.kinds.landing_objects import LANDING
from infra.lake import branch, partitions, provenance
from infra.lake.errors import GuanxiError
from infra.lake.filters import is_in
from infra.loop.plan import Grain

SAMPLE_ROWS = 50
PROVENANCE_COLUMNS = ("object_sha256", "object_name")


class UnknownVersionError(GuanxiError):
    """A version that the table does not have, or no longer has."""


@dataclass(frozen=True)
class Ancestry:
    """One version and, recursively, the versions it was built from."""

    dataset: str
    version: str
    run: str
    code: str
    complete_through: str | None
    inputs: tuple["Ancestry", ...] = ()


def lineage(app: App, name: str, version: int | None = None) -> Ancestry:
    """Exact input versions of a published (or given) version, recursively down to the landing store's listing."""
    table = app.lake.table(app.datasets.find(name).name)
    if version is not None:
        require_version(name, table, version)
    return _ancestry(app, name, str(branch.head(table) if version is None else version))


def _ancestry(app: App, name: str, version: str) -> Ancestry:
    if name == LANDING:
        return Ancestry(name, version, "", "", None)
    read = provenance.read(app.lake.table(name), int(version))
    if read is None:
        return Ancestry(name, version, "expired or never built", "", None)
    inputs = tuple(_ancestry(app, input_name, pinned) for input_name, pinned in sorted(read.inputs.items()))
    return Ancestry(name, version, read.run, read.code, read.complete_through, inputs)


@dataclass(frozen=True)
class Difference:
    """What distinguishes two versions: rows that left and came, the partitions, and the landing objects behind them."""

    dataset: str
    before: str
    after: str
    partitions: tuple[str, ...]
    left: int
    came: int
    rows: tuple[Mapping[str, Any], ...]
    moved_inputs: Mapping[str, tuple[str | None, str | None]]
    code_moved: bool
    objects: tuple[str, ...] = field(default=())


def diff(app: App, name: str, before: int, after: int) -> Difference:
    """Compare two versions of one dataset row by row, within the partitions that changed between them."""
    dataset = app.datasets.find(name)
    table = app.lake.table(name)
    for version in (before, after):
        require_version(name, table, version)
    column = "day" if dataset.node.grain is Grain.DAY else None
    changed = partitions.changed(table, before, after, lambda v: v[column] if column else "whole")
    left, came, rows = _changed_rows(table, before, after, column, changed)
    old, new = provenance.read(table, before), provenance.read(table, after)
    names = sorted({*(old.inputs if old else {}), *(new.inputs if new else {})})
    moved = {n: (old.inputs.get(n) if old else None, new.inputs.get(n) if new else None) for n in names}
    return Difference(
        name,
        str(before),
        str(after),
        tuple(sorted(changed)) if changed is not None else ("history gone: all compared",),
        left,
        came,
        tuple(rows),
        {n: pair for n, pair in moved.items() if pair[0] != pair[1]},
        bool(old and new and old.code != new.code),
        tuple(sorted(_objects_behind(app, name, str(before), str(after), rows))),
    )


def require_version(name: str, table: Table, version: int) -> None:
    """Raise UnknownVersionError, with those there are, unless the table has the version."""
    if table.snapshot_by_id(version) is None:
        known = [str(entry.snapshot_id) for entry in published_versions(table)]
        raise UnknownVersionError(
            f"{name}: there is no version {version} (expired, or never published). There are: {', '.join(known)}."
        )


def published_versions(table: Table) -> list[Any]:
    """The versions `main` has shown and that are kept, newest first, sealed ones only."""
    chain = branch.ancestors(table, branch.head(table))
    return [table.snapshot_by_id(i) for i in chain if provenance.read(table, i) is not None]


def _changed_rows(
    table: Table, before: int, after: int, column: str | None, changed: frozenset[str] | None
) -> tuple[int, int, list[dict[str, Any]]]:
    row_filter: BooleanExpression = AlwaysTrue()
    if column and changed is not None:
        row_filter = is_in(column, [date.fromisoformat(day) for day in changed])
    old, new = (table.scan(snapshot_id=v, row_filter=row_filter).to_arrow() for v in (before, after))
    with duckdb.connect() as connection:
        connection.register("old_rows", _comparable(old))
        connection.register("new_rows", _comparable(new))
        connection.sql("create temp table left_rows as select * from old_rows except all select * from new_rows")
        connection.sql("create temp table came_rows as select * from new_rows except all select * from old_rows")
        counts = [connection.sql(f"select count(*) from {t}").fetchall()[0][0] for t in ("left_rows", "came_rows")]  # noqa: S608
        sample = connection.sql(
            f"(select '-' as change, * from left_rows limit {SAMPLE_ROWS}) union all "  # noqa: S608 - our own names
            f"(select '+' as change, * from came_rows limit {SAMPLE_ROWS})"
        ).to_arrow_table()
    return counts[0], counts[1], sample.to_pylist()


def _comparable(rows: pa.Table) -> pa.Table:
    return rows.select(sorted(rows.schema.names))


def _objects_behind(app: App, name: str, before: str, after: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Landing objects that explain a change: those the rows carry, else those that came or went between the roots."""
    carried = {
        f"{row['object_name']} ({row['object_sha256'][:8]})" for row in rows if set(PROVENANCE_COLUMNS) <= set(row)
    }
    if carried:
        yield from carried
        return
    old, new = (dict(_roots(_ancestry(app, name, version))) for version in (before, after))
    for root in sorted({*old, *new}):
        if old.get(root) != new.get(root) and root == "raw.objects":
            yield from _listing_change(app.lake.table(root), old.get(root), new.get(root))


def _roots(ancestry: Ancestry) -> Iterator[tuple[str, str]]:
    if ancestry.dataset == "raw.objects":
        yield ancestry.dataset, ancestry.version
    for read in ancestry.inputs:
        yield from _roots(read)


def _listing_change(table: Table, before: str | None, after: str | None) -> Iterator[str]:
    listings = [
        {
            (row["object_sha256"], row["name"], row["verdict"])
            for row in table.scan(snapshot_id=int(v)).to_arrow().to_pylist()
        }
        if v and table.snapshot_by_id(int(v))
        else set()
        for v in (before, after)
    ]
    for sha256, object_name, verdict in sorted(listings[1] - listings[0]):
        yield f"{object_name} ({sha256[:8]}, {verdict})"
