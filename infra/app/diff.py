"""Why two versions of a dataset differ: the rows, the partitions, the inputs that moved and the deliveries behind them.

changed rows ─their partitions, their keys─▶ the same windows of each input that moved ─▶ … ─▶ rows that carry
the object they were delivered in
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa
from pyiceberg.expressions import AlwaysTrue, BooleanExpression
from pyiceberg.table import Table

from infra.app.app import App
from infra.app.kinds.days import window_days
from infra.app.lineage import require_version
from infra.lake import partitions, provenance
from infra.lake.filters import on_days
from infra.loop.dataset import Dataset
from infra.loop.plan import Grain

SAMPLE_ROWS = 50
PROVENANCE_COLUMNS = ("object_sha256", "object_name")
FIRST_DAY_THERE_IS = "0001-01-01"


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
    complete_through: tuple[str | None, str | None] = (None, None)
    objects: tuple[str, ...] = field(default=())


def diff(app: App, name: str, before: int, after: int) -> Difference:
    """Compare two versions of one dataset row by row, within the partitions that changed between them.

    `objects` are the deliveries whose rows left (`-`) or came (`+`) in the windows behind the changed partitions,
    narrowed to the changed rows' keys where the delivered rows carry them.
    """
    dataset = app.datasets.find(name)
    table = app.lake.table(name)
    for version in (before, after):
        require_version(name, table, version)
    changed = _changed_partitions(dataset, table, before, after)
    with duckdb.connect() as connection:
        _compare(connection, table, before, after, _in_days(dataset, changed))
        left, came = _count(connection, "left_rows"), _count(connection, "came_rows")
        objects = _objects_behind(app, dataset, before, after, changed, _keys(connection, app, dataset))
        rows = _sample(connection)
    old, new = provenance.read(table, before), provenance.read(table, after)
    return Difference(
        name,
        str(before),
        str(after),
        tuple(sorted(changed)) if changed is not None else ("history gone: all compared",),
        left,
        came,
        tuple(rows),
        _moved(table, before, after),
        bool(old and new and old.code != new.code),
        (old.complete_through if old else None, new.complete_through if new else None),
        tuple(sorted(set(objects))) if left or came else (),
    )


def _moved(table: Table, before: int, after: int) -> dict[str, tuple[str | None, str | None]]:
    """Inputs that the two versions were built from at different versions."""
    old, new = provenance.read(table, before), provenance.read(table, after)
    names = sorted({*(old.inputs if old else {}), *(new.inputs if new else {})})
    moved = {n: (old.inputs.get(n) if old else None, new.inputs.get(n) if new else None) for n in names}
    return {n: pair for n, pair in moved.items() if pair[0] != pair[1]}


def _changed_partitions(dataset: Dataset, table: Table, before: int, after: int) -> frozenset[str] | None:
    column = "day" if dataset.node.grain is Grain.DAY else None
    return partitions.changed(table, before, after, lambda values: values[column] if column else "whole")


def _in_days(dataset: Dataset, days: frozenset[str] | None) -> BooleanExpression:
    if days is None or dataset.node.grain is not Grain.DAY:
        return AlwaysTrue()
    return on_days("day", days)


def _compare(
    connection: duckdb.DuckDBPyConnection, table: Table, before: int, after: int, row_filter: BooleanExpression
) -> None:
    """Make the tables `left_rows` and `came_rows`."""
    for view, version in (("old_rows", before), ("new_rows", after)):
        rows = table.scan(snapshot_id=version, row_filter=row_filter).to_arrow()
        connection.register(view, _comparable(rows))
    connection.sql("create temp table left_rows as select * from old_rows except all select * from new_rows")
    connection.sql("create temp table came_rows as select * from new_rows except all select * from old_rows")


def _comparable(rows: pa.Table) -> pa.Table:
    # Up to when a mart is complete stands in each of its rows, and would make every one of them differ.
    return rows.select(sorted(set(rows.schema.names) - {"complete_through"}))


def _count(connection: duckdb.DuckDBPyConnection, rows: str) -> int:
    return int(connection.table(rows).count("*").fetchall()[0][0])


def _sample(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    left, came = (
        connection.table(rows).limit(SAMPLE_ROWS).project(f"'{sign}' as change, *")
        for sign, rows in (("-", "left_rows"), ("+", "came_rows"))
    )
    sample: list[dict[str, Any]] = left.union(came).to_arrow_table().to_pylist()
    return sample


def _keys(connection: duckdb.DuckDBPyConnection, app: App, dataset: Dataset) -> pa.Table | None:
    """The keys of the changed rows without their day, whose windows narrow by themselves; None where there is none."""
    columns = [column for column in app.datasets.grain(dataset.name) if column != "day"]
    if not columns:
        return None
    names = ", ".join(f'"{column}"' for column in columns)
    query = f"select {names} from left_rows union select {names} from came_rows"  # noqa: S608 - our own columns
    return connection.sql(query).to_arrow_table()


def _objects_behind(
    app: App, dataset: Dataset, before: int, after: int, days: frozenset[str] | None, keys: pa.Table | None
) -> Iterator[str]:
    """Landing objects whose rows came or left between two versions, in some days and under some keys."""
    table = app.lake.table(dataset.name)
    if set(PROVENANCE_COLUMNS) <= set(table.schema().column_names):
        yield from _deliveries(dataset, table, before, after, days, keys)
        return
    for name, (old, new) in _moved(table, before, after).items():
        if old and new and name in app.datasets.all and not _is_expired(app.lake.table(name), int(old)):
            read = app.datasets.find(name)
            yield from _objects_behind(app, read, int(old), int(new), _days_read(dataset, name, days), keys)


def _is_expired(table: Table, version: int) -> bool:
    return table.snapshot_by_id(version) is None


def _days_read(dataset: Dataset, name: str, days: frozenset[str] | None) -> frozenset[str] | None:
    """Days of an input behind some days of a dataset; None for all of them."""
    if days is None or dataset.node.grain is not Grain.DAY:
        return None
    read = window_days(dataset.node.windows[name], days, FIRST_DAY_THERE_IS)
    # A state hands on what the days before it read.
    return None if read is None or dataset.node.carries_state else frozenset(read)


def _deliveries(
    dataset: Dataset, table: Table, before: int, after: int, days: frozenset[str] | None, keys: pa.Table | None
) -> Iterator[str]:
    changed = _changed_partitions(dataset, table, before, after)
    narrowed = changed if days is None or changed is None else changed & days
    if narrowed is not None and not narrowed:
        return
    with duckdb.connect() as connection:
        _compare(connection, table, before, after, _in_days(dataset, narrowed))
        shared = [name for name in keys.column_names if name in table.schema().column_names] if keys is not None else []
        among = ""
        if shared:
            connection.register("changed_keys", keys)
            among = f"semi join changed_keys using ({', '.join(shared)})"
        for sign, rows in (("-", "left_rows"), ("+", "came_rows")):
            query = f"select distinct object_name, object_sha256[:8] from {rows} {among}"  # noqa: S608 - our own names
            for object_name, digest in connection.sql(query).fetchall():
                yield f"{sign} {object_name} ({digest})"
