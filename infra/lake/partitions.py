"""What the manifests of a table say about its partitions; no data file is opened here."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from uuid import UUID

from pyiceberg.manifest import DataFile, ManifestEntryStatus
from pyiceberg.table import Table
from pyiceberg.table.snapshots import Operation, Snapshot
from pyiceberg.types import DateType

from infra.lake import branch

EPOCH = date(1970, 1, 1)
MOST_RANGES = 20
VERSIONS_REMEMBERED = 16
PartitionValues = Mapping[str, str | None]
Chosen = Callable[[PartitionValues], bool]


@dataclass(frozen=True)
class LiveFile:
    """One data file of a snapshot: its partition values as text (dates in ISO form), path and row count."""

    values: PartitionValues
    path: str
    rows: int


@dataclass(frozen=True)
class _Version:
    """One version of one table, whichever object it was opened as."""

    table_uuid: UUID
    snapshot_id: int
    table: Table = field(compare=False)


def everything(_: PartitionValues) -> bool:
    """The choice that leaves no file out."""
    return True


def _values(table: Table, file: DataFile) -> PartitionValues:
    spec = table.specs()[file.spec_id]
    schema = table.schema()
    values: dict[str, str | None] = {}
    for index, part in enumerate(spec.fields):
        raw = file.partition[index]
        is_date = isinstance(schema.find_type(part.source_id), DateType)
        if raw is None:
            values[part.name] = None
        elif is_date and isinstance(raw, int):
            values[part.name] = (EPOCH + timedelta(days=raw)).isoformat()
        else:
            values[part.name] = str(raw)
    return values


def live_files(table: Table, snapshot_id: int, chosen: Chosen = everything) -> list[LiveFile]:
    """Data files of one version of the table, narrowed to the chosen partitions."""
    return [file for file in _files(_Version(table.metadata.table_uuid, snapshot_id, table)) if chosen(file.values)]


@lru_cache(maxsize=VERSIONS_REMEMBERED)
def _files(version: _Version) -> tuple[LiveFile, ...]:
    """Every data file of a version, which never changes; a run asks about the same ones many times."""
    table = version.table
    manifests = _snapshot(table, version.snapshot_id).manifests(table.io)
    entries = (entry for one in manifests for entry in one.fetch_manifest_entry(table.io, discard_deleted=True))
    files = (entry.data_file for entry in entries)
    return tuple(LiveFile(_values(table, file), file.file_path, file.record_count) for file in files)


def rows_by(table: Table, snapshot_id: int, field: str, chosen: Chosen = everything) -> Counter[str]:
    """Rows by the value of one partition field; partitions where it is null are left out."""
    rows: Counter[str] = Counter()
    for file in live_files(table, snapshot_id, chosen):
        value = file.values[field]
        if value is not None:
            rows[value] += file.rows
    return rows


def fingerprint(table: Table, snapshot_id: int, chosen: Chosen = everything) -> str:
    """Name of the chosen partitions' present content: it moves when, and only when, their set of files moves."""
    digest = hashlib.sha256()
    for path in sorted(file.path for file in live_files(table, snapshot_id, chosen)):
        digest.update(path.encode() + b"\n")
    return digest.hexdigest()[:32]


def changed(
    table: Table, before: int, now: int, named: Callable[[PartitionValues], str | None]
) -> frozenset[str] | None:
    """Partitions whose rows may differ between two versions; None where history is gone.

    `named` gives a partition its name in the planner's terms, or None where it does not matter to the asker.

    Walks the snapshots from `now` back to `before` and reads only the manifests each of them added, so the cost
    follows the number of versions in between, not the size of the table. Compaction (`replace`) changes nothing.
    """
    chain = branch.ancestors(table, now)
    if before not in chain:
        return None
    touched: set[str] = set()
    for snapshot_id in chain[: chain.index(before)]:
        snapshot = _snapshot(table, snapshot_id)
        if snapshot.summary is not None and snapshot.summary.operation == Operation.REPLACE:
            continue
        touched.update(name for values in _touched(table, snapshot) if (name := named(values)) is not None)
    return frozenset(touched)


def _touched(table: Table, snapshot: Snapshot) -> Iterator[PartitionValues]:
    for manifest in snapshot.manifests(table.io):
        if manifest.added_snapshot_id != snapshot.snapshot_id:
            continue
        for entry in manifest.fetch_manifest_entry(table.io, discard_deleted=False):
            if entry.status != ManifestEntryStatus.EXISTING:
                yield _values(table, entry.data_file)


def _snapshot(table: Table, snapshot_id: int) -> Snapshot:
    snapshot = table.snapshot_by_id(snapshot_id)
    if snapshot is None:
        raise KeyError(f"{'.'.join(table.name())} has no version {snapshot_id}")
    return snapshot


def in_days(field: str, first: str, last: str) -> Chosen:
    """The choice of the partitions whose day lies between two ISO days, both included."""

    def chosen(values: PartitionValues) -> bool:
        day = values[field]
        return day is not None and first <= day <= last

    return chosen


def among(field: str, wanted: Iterable[str]) -> Chosen:
    """The choice of the partitions whose field has one of the wanted values."""
    names = frozenset(wanted)
    return lambda values: values[field] in names


def days_between(first: str, last: str) -> list[str]:
    """ISO days from `first` to `last`, both included."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [(start + timedelta(days=offset)).isoformat() for offset in range((end - start).days + 1)]


def ranges(days: Iterable[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Some ISO days as ranges without a gap, first and last of each, and those that are in none of them.

    A filter that names the years of a backfill day by day costs more than what it reads, one of many ranges is too
    deep: the longest are told.
    """
    found: list[list[str]] = []
    for day in sorted(set(days)):
        if found and date.fromisoformat(day) - date.fromisoformat(found[-1][-1]) == timedelta(days=1):
            found[-1].append(day)
        else:
            found.append([day])
    longest = sorted((run for run in found if len(run) > 1), key=len, reverse=True)[:MOST_RANGES]
    chosen = sorted((run[0], run[-1]) for run in longest)
    return chosen, [day for run in found if (run[0], run[-1]) not in chosen for day in run]
