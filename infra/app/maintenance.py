"""Maintenance: drops what dead runs left, compacts `ops.*`, expires history nobody pins, removes orphaned files.

Landed objects are never removed, however old: they are the archive that tables are rebuilt from, and where to go on
with a platform that is asked stands in its last landed page and nowhere else. Whoever adds a retention of them has to
keep that page (`last_place` in infra/app/fetch.py).
"""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pyiceberg.table import Table

from infra.app.app import App
from infra.app.kinds.landing_objects import OBJECTS
from infra.lake import branch, provenance
from infra.lake.catalog import CATALOG_NAME
from infra.lake.locks import try_table_lock
from infra.loop.run import started_at
from infra.loop.steps import STEPPED

ORPHAN_AGE = timedelta(days=1)
STEPPED_AGE = timedelta(hours=12)
HALF_DONE = ("staging/*", "fetch-*", "objects/*", "receipts/*", "dbt/targets/*")
OPS_AGE = timedelta(hours=1)
"""History of the append-only tables: none reads an old version, but somebody may be in the middle of reading one."""


@dataclass(frozen=True)
class Maintained:
    """What was done to one table; `skipped` says why nothing was; `compacted` are files that were put together."""

    dataset: str
    branches: int = 0
    compacted: int = 0
    snapshots: int = 0
    orphans: int = 0
    skipped: str = ""


def maintain(app: App) -> list[Maintained]:
    """Look after every table whose lock is free: a table with a run on it is left alone."""
    pinned = _pinned(app)
    done = []
    for name in app.lake.names():
        with try_table_lock(app.settings, name) as free:
            done.append(_maintain(app, name, pinned) if free else Maintained(name, skipped="a run is working on it"))
    if left := _clear_work(app.settings.work_dir):
        done.append(Maintained("work", orphans=left))
    return done


def _clear_work(work: Path) -> int:
    """Remove what killed processes left half done (staging files of marts, pages and objects on their way to the
    landing store), and copies of objects and receipts that nobody has used of late."""
    oldest = (datetime.now(UTC) - ORPHAN_AGE).timestamp()
    left = [path for pattern in HALF_DONE for path in work.glob(pattern) if path.stat().st_mtime < oldest]
    for path in left:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(left)


def _maintain(app: App, name: str, pinned: set[tuple[str, int]]) -> Maintained:
    dead = [ref for ref in app.lake.table(name).refs() if ref != branch.MAIN and _is_dead(ref)]
    for ref in dead:
        branch.drop(app.lake, name, ref)
    compacted = _compact(app, name) if name in app.ops else 0
    expired = _expire(app, name, pinned)
    orphans = _remove_orphans(app, name)
    return Maintained(name, len(dead), compacted, expired, orphans)


def _is_dead(run: str) -> bool:
    """Whether a run is over: the lock is ours, so only one that holds none between its steps may be alive."""
    return not run.startswith(STEPPED) or started_at(run) < datetime.now(UTC) - STEPPED_AGE


def _pinned(app: App) -> set[tuple[str, int]]:
    """Versions that published versions of other tables were built from, down to the feeds.

    Not of `raw.objects`: a feed that gets nothing new names an old version of it for ever, and needs none.
    """
    pinned: set[tuple[str, int]] = set()
    tables = {name: app.lake.table(name) for name in app.lake.names()}
    queue = [(name, ref.snapshot_id) for name, table in tables.items() for ref in table.refs().values()]
    while queue:
        name, version = queue.pop()
        read = provenance.read(tables[name], version)
        for input_name, input_version in (read.inputs if read else {}).items():
            # Versions of what is no table are no numbers.
            if input_name not in tables or input_name == OBJECTS:
                continue
            if (input_name, int(input_version)) not in pinned:
                pinned.add((input_name, int(input_version)))
                queue.append((input_name, int(input_version)))
    return pinned


def _compact(app: App, name: str) -> int:
    """Put the files of many appends together; returns how many were."""
    done = app.engine.spark.sql(f"call {CATALOG_NAME}.system.rewrite_data_files(table => '{name}')").collect()
    return int(done[0]["rewritten_data_files_count"])


def _expire(app: App, name: str, pinned: set[tuple[str, int]]) -> int:
    table = app.lake.table(name)
    age = OPS_AGE if name in app.ops else timedelta(days=app.settings.snapshot_days)
    oldest = datetime.now(UTC) - age
    kept = _kept(table, name, pinned, int(oldest.timestamp() * 1000))
    old = [s.snapshot_id for s in table.metadata.snapshots if s.snapshot_id not in kept]
    if old:
        ids = ", ".join(str(snapshot_id) for snapshot_id in old)
        app.engine.spark.sql(
            f"call {CATALOG_NAME}.system.expire_snapshots(table => '{name}', "
            f"older_than => timestamp '1970-01-02 00:00:00', snapshot_ids => array({ids}))"
        ).collect()
    return len(old)


def _kept(table: Table, name: str, pinned: set[tuple[str, int]], oldest_ms: int) -> set[int]:
    """The heads, of now and of late, what is pinned, and everything in between: readers walk this chain to see what
    moved. A version that was the head of late may be read by a run that goes on."""
    chain = branch.ancestors(table, branch.head(table))
    times = {s.snapshot_id: s.timestamp_ms for s in table.metadata.snapshots}
    of_late = [True, *(times[newer] >= oldest_ms for newer in chain[:-1])]
    wanted = [i for i, v in enumerate(chain) if of_late[i] or (name, v) in pinned]
    branches = [branch.ancestors(table, r.snapshot_id) for name, r in table.refs().items() if name != branch.MAIN]
    return set(chain[: max(wanted) + 1]).union(*branches)


def _remove_orphans(app: App, name: str) -> int:
    older_than = (datetime.now(UTC) - ORPHAN_AGE).strftime("%Y-%m-%d %H:%M:%S")
    found = app.engine.spark.sql(
        f"call {CATALOG_NAME}.system.remove_orphan_files(table => '{name}', older_than => timestamp '{older_than}')"
    ).collect()
    return len(found)
