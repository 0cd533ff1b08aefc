"""The analysts' DuckDB file: the published marts, replaced as a whole, so that nobody ever sees half of a change.

    published marts ─▶ new file beside the old one ─fsync─▶ one rename

A reader in the middle of a query keeps the file it opened. Which versions a file shows is written in the file itself
(`_guanxi.version`), so it cannot disagree with what is shown.
"""

import os
import re
import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from platform import node
from types import MappingProxyType
from typing import Final, NamedTuple

import duckdb
import pyarrow as pa

from infra.lake.errors import GuanxiError

FORMAT: Final = 1
"""Form of the file; a product reads its own and older forms."""
LEFTOVER_SECONDS: Final = 86_400.0
NEWER_DUCKDB: Final = re.compile(r"version number|storage version", re.IGNORECASE)


class WarehouseError(GuanxiError):
    """The analysts' file cannot be read, or not by this version."""


class NewerWarehouseError(WarehouseError):
    """The file was written by a newer version of Guanxi or DuckDB."""


class Published(NamedTuple):
    """One published mart: the snapshot shown, its rows (or how to read them, asked only when needed), its comments."""

    snapshot_id: int
    rows: pa.Table | Callable[[], pa.Table]
    description: str = ""
    column_descriptions: Mapping[str, str] = MappingProxyType({})


def refresh(
    path: Path,
    marts: Mapping[str, Published | tuple[int, pa.Table]],
    *,
    leftover_seconds: float = LEFTOVER_SECONDS,
) -> bool:
    """Make the file show exactly these marts, by dataset name (`marts.<name>`); False where it already does.

    Files that killed refreshes left behind are removed when their process is gone or they are older than
    `leftover_seconds`. A file that no one can read is replaced. Raises WarehouseError for a file of a newer version.
    """
    published = {name: Published(*entry) for name, entry in marts.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(path, leftover_seconds)
    if _shown(path) == {name: mart.snapshot_id for name, mart in published.items()}:
        return False
    unfinished = _unfinished_name(path)
    try:
        _write(unfinished, published)
        _swap(unfinished, path)
    finally:
        _remove(unfinished)
        _remove(Path(f"{unfinished}.wal"))
    return True


def query(path: Path, sql: str) -> tuple[list[str], list[tuple[object, ...]]]:
    """Column names and rows of one statement over the newest file; it can neither write nor reach other files.

    Raises WarehouseError for a missing or unreadable file, one of a newer version, and a statement that fails.
    """
    with _open(path) as connection:
        _refuse_newer_format(path, connection)
        try:
            connection.execute("use warehouse.marts")
            result = connection.execute(sql)
            return [column[0] for column in result.description or ()], result.fetchall()
        except duckdb.Error as error:
            raise WarehouseError(f"{path}: {error}") from error


def _shown(path: Path) -> dict[str, int] | None:
    """Snapshot ids by mart as the file says; None where there is no file to trust."""
    if not path.exists():
        return None
    try:
        with _open(path) as connection:
            _refuse_newer_format(path, connection)
            rows = connection.execute("select mart, snapshot_id from warehouse._guanxi.version").fetchall()
    except NewerWarehouseError:
        raise
    except (WarehouseError, duckdb.Error):
        # Damaged, no warehouse at all, or locked by somebody who writes to it: a new file takes its place.
        return None
    return dict(rows)


@contextmanager
def _open(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The file that bears the name now, as database `warehouse`, read only.

    It is attached to a fresh in-memory database: DuckDB hands out an open database again for the same path, and that
    could be one that has been replaced since.
    """
    with duckdb.connect() as connection:
        try:
            connection.execute(f"attach {_quoted(str(path))} as warehouse (read_only)")
        except duckdb.Error as error:
            raise _unreadable(path, error) from error
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        yield connection


def _unreadable(path: Path, error: duckdb.Error) -> WarehouseError:
    if not path.exists():
        return WarehouseError(f"{path}: there is no warehouse file yet. Publish a mart first: guanxi run.")
    if NEWER_DUCKDB.search(str(error)):
        return NewerWarehouseError(
            f"{path}: written by a newer DuckDB than {duckdb.__version__} ({str(error).splitlines()[0]}) "
            "Use the DuckDB it was written with, or delete the file and refresh it."
        )
    return WarehouseError(f"{path}: cannot be read ({error}). Refresh it; nothing in it exists only there.")


def _refuse_newer_format(path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    try:
        found = connection.execute("select version from warehouse._guanxi.format").fetchall()
    except duckdb.CatalogException as error:
        raise WarehouseError(f"{path}: is no warehouse of Guanxi. Refresh it, or name another file.") from error
    if found and found[0][0] > FORMAT:
        raise NewerWarehouseError(
            f"{path}: has form {found[0][0]}, written by a newer Guanxi; this one reads up to {FORMAT}. "
            "Use the newer Guanxi, or delete the file and refresh it."
        )


def _write(file: Path, marts: Mapping[str, Published]) -> None:
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema marts; create schema _guanxi")
        for name, mart in sorted(marts.items()):
            _write_mart(connection, name.removeprefix("marts."), mart)
        connection.execute("create table _guanxi.format (version integer)")
        connection.execute("insert into _guanxi.format values (?)", [FORMAT])
        connection.execute("create table _guanxi.version (mart varchar primary key, snapshot_id bigint)")
        for name, mart in marts.items():
            connection.execute("insert into _guanxi.version values (?, ?)", [name, mart.snapshot_id])


def _write_mart(connection: duckdb.DuckDBPyConnection, name: str, mart: Published) -> None:
    table = f"marts.{_identifier(name)}"
    connection.register("mart_rows", mart.rows() if callable(mart.rows) else mart.rows)
    connection.execute(f"create table {table} as select * from mart_rows")  # noqa: S608 - the mart's own name
    connection.unregister("mart_rows")
    if mart.description:
        connection.execute(f"comment on table {table} is {_quoted(mart.description)}")
    for column, description in mart.column_descriptions.items():
        connection.execute(f"comment on column {table}.{_identifier(column)} is {_quoted(description)}")


def _swap(unfinished: Path, path: Path) -> None:
    _sync(unfinished)
    # What somebody wrote into the old file by hand is not carried over, and must not be replayed into the new one.
    Path(f"{path}.wal").unlink(missing_ok=True)
    os.replace(unfinished, path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unfinished_name(path: Path) -> Path:
    return path.with_name(f".{path.name}~{node()}~{os.getpid()}~{uuid.uuid4().hex[:8]}.tmp")


def _remove_leftovers(path: Path, leftover_seconds: float) -> None:
    for leftover in path.parent.glob(f".{path.name}~*~*~*.tmp*"):
        _, host, process, _ = leftover.name.split("~", 3)
        try:
            is_old = time.time() - leftover.stat().st_mtime > leftover_seconds
        except FileNotFoundError:
            continue
        if is_old or (host == node() and not _is_running(int(process))):
            _remove(leftover)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
