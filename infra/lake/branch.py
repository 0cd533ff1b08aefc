"""Branches of a table: one per run, moved onto `main` only by a compare-and-swap on the snapshot that was gated."""

from pyiceberg.exceptions import CommitFailedException
from pyiceberg.table import Table
from pyiceberg.table.refs import SnapshotRefType
from pyiceberg.table.update import AssertRefSnapshotId, RemoveSnapshotRefUpdate, SetSnapshotRefUpdate, TableUpdate

from infra.lake.catalog import Lake
from infra.lake.errors import GuanxiError

MAIN = "main"


class NotDescendantError(GuanxiError):
    """`main` moved since the snapshot was built, so publishing it would undo somebody's work."""


def head(table: Table, branch: str = MAIN) -> int:
    """Snapshot id at the tip of a branch; raises KeyError where the branch does not exist."""
    return table.refs()[branch].snapshot_id


def columns(table: Table, snapshot_id: int) -> frozenset[str]:
    """Names of the columns that one version has; a table may have gained some since."""
    snapshot = table.snapshot_by_id(snapshot_id)
    schema_id = snapshot.schema_id if snapshot else None
    schema = table.schema() if schema_id is None else table.schemas()[schema_id]
    return frozenset(field.name for field in schema.fields)


def create(lake: Lake, name: str, branch: str, at: int | None = None) -> int:
    """Start `branch` at a snapshot (default: the tip of `main`) and return its id; one of the same name is replaced."""
    table = lake.table(name)
    base = head(table) if at is None else at
    lake.catalog.commit_table(table, (), (_point(branch, base),))
    return base


def drop(lake: Lake, name: str, branch: str) -> None:
    """Remove a branch; no error where it is gone already."""
    table = lake.table(name)
    if branch in table.refs():
        lake.catalog.commit_table(table, (), (RemoveSnapshotRefUpdate.model_validate({"ref-name": branch}),))


def ancestors(table: Table, snapshot_id: int) -> list[int]:
    """Ids from `snapshot_id` back to the oldest ancestor whose metadata is still kept."""
    known = {snapshot.snapshot_id: snapshot.parent_snapshot_id for snapshot in table.metadata.snapshots}
    chain: list[int] = []
    current: int | None = snapshot_id
    while current is not None and current in known:
        chain.append(current)
        current = known[current]
    return chain


def publish(lake: Lake, name: str, snapshot_id: int) -> None:
    """Move `main` to exactly `snapshot_id`; raises NotDescendantError unless it descends from `main`'s tip."""
    table = lake.table(name)
    current = head(table)
    if current == snapshot_id:
        return
    refusal = NotDescendantError(
        f"{name}: version {snapshot_id} was built on an older version than the published {current}; "
        "nothing was published. Run again: the planner starts from what is published now."
    )
    if current not in ancestors(table, snapshot_id):
        raise refusal
    try:
        lake.catalog.commit_table(
            table,
            (AssertRefSnapshotId.model_validate({"ref": MAIN, "snapshot-id": current}),),
            (_point(MAIN, snapshot_id),),
        )
    except CommitFailedException as error:
        raise refusal from error


def _point(branch: str, snapshot_id: int) -> TableUpdate:
    fields = {"ref-name": branch, "type": SnapshotRefType.BRANCH, "snapshot-id": snapshot_id}
    return SetSnapshotRefUpdate.model_validate(fields)
