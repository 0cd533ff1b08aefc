"""The staging file: one run's DuckDB database, in which pinned lake tables stand as views for dbt to build on."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

import duckdb

from infra.lake.errors import GuanxiError

# In this order: the Iceberg reader needs the Avro reader.
EXTENSIONS: Final = ("avro", "iceberg")


@dataclass(frozen=True)
class PinnedTable:
    """One version of a lake table: `name` is the dataset's; without a `snapshot_id` the table never had a row."""

    name: str
    metadata_location: str
    snapshot_id: int | None


def lake_reader_files() -> list[Path]:
    """Files of the DuckDB extensions that read Iceberg, as their PyPI packages ship them; nothing is downloaded.

    Raises GuanxiError where a package ships none for this DuckDB.
    """
    return [_extension_file(name) for name in EXTENSIONS]


def _extension_file(name: str) -> Path:
    file = Path(str(files(f"duckdb_extension_{name}"))) / "extensions" / f"v{duckdb.__version__}"
    file /= f"{name}.duckdb_extension"
    if not file.is_file():
        raise GuanxiError(
            f"{file}: the package duckdb-extension-{name} has no file for DuckDB {duckdb.__version__}. "
            "Install the two in the same version."
        )
    return file


def create_staging(staging: Path, tables: Iterable[PinnedTable]) -> None:
    """Write a new staging file with one view `<layer>.<name>` for each pinned table; an old file is replaced."""
    staging.parent.mkdir(parents=True, exist_ok=True)
    for leftover in (staging, Path(f"{staging}.wal")):
        leftover.unlink(missing_ok=True)
    with duckdb.connect(str(staging)) as connection:
        for file in lake_reader_files():
            connection.execute(f"load {_quoted(str(file))}")
        for table in tables:
            layer, _, name = table.name.partition(".")
            connection.execute(f'create schema if not exists "{layer}"')
            view = f'"{layer}"."{name}"'
            connection.execute(f"create view {view} as select * from {_scan(table)}")  # noqa: S608 - names of datasets


def _scan(table: PinnedTable) -> str:
    location = _quoted(table.metadata_location)
    if table.snapshot_id is None:
        return f"iceberg_scan({location}) where false"
    return f"iceberg_scan({location}, snapshot_from_id = {table.snapshot_id})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
