"""A file that cannot be read says why, and a query reads the marts and nothing else."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from infra.app.warehouse import NewerWarehouseError, WarehouseError, query, refresh

DAILY = "marts.growth_daily"


def orders(*counts: int) -> pa.Table:
    """A mart with one column."""
    return pa.table({"orders": pa.array(counts, pa.int64())})


def total(path: Path) -> object:
    """What the file shows."""
    return query(path, "select cast(sum(orders) as integer) from growth_daily")[1][0][0]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "warehouse.duckdb"


@pytest.mark.parametrize("content", [b"", b"no database at all" * 1000])
def test_a_damaged_file_is_said_and_replaced(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    with pytest.raises(WarehouseError, match="Refresh it"):
        query(path, "select 1")
    assert refresh(path, {DAILY: (1, orders(3))})
    assert total(path) == 3


@pytest.mark.fault(35, 39, how="a file of a newer DuckDB", part=True)
def test_a_file_of_a_newer_duckdb_is_said_and_kept(path: Path) -> None:
    refresh(path, {DAILY: (1, orders(3))})
    content = with_storage_version(path.read_bytes(), 999)
    path.write_bytes(content)

    with pytest.raises(NewerWarehouseError, match="newer DuckDB"):
        refresh(path, {DAILY: (2, orders(4))})
    with pytest.raises(NewerWarehouseError, match="newer DuckDB"):
        query(path, "select 1")
    assert path.read_bytes() == content


@pytest.mark.fault(35, 39, how="a file of a newer Guanxi", part=True)
def test_a_file_of_a_newer_guanxi_is_said_and_kept(path: Path) -> None:
    refresh(path, {DAILY: (1, orders(3))})
    with duckdb.connect(str(path)) as connection:
        connection.execute("update _guanxi.format set version = 999")

    with pytest.raises(NewerWarehouseError, match="has form 999"):
        refresh(path, {DAILY: (2, orders(4))})
    with pytest.raises(NewerWarehouseError, match="newer Guanxi"):
        query(path, "select 1")


@pytest.mark.parametrize(
    "statement",
    [
        "drop table growth_daily",
        "create table mine as select 1",
        "copy growth_daily to 'out.csv'",
        "select * from read_text('/etc/hostname')",
        "set enable_external_access = true",
        "selct 1",
    ],
)
def test_a_query_reads_the_marts_and_nothing_else(path: Path, statement: str) -> None:
    refresh(path, {DAILY: (1, orders(3))})

    with pytest.raises(WarehouseError):
        query(path, statement)
    assert total(path) == 3


def test_a_missing_file_is_said_with_the_remedy(path: Path) -> None:
    with pytest.raises(WarehouseError, match="guanxi run"):
        query(path, "select 1")


def with_storage_version(content: bytes, version: int) -> bytes:
    """A DuckDB file's bytes with another storage version in its main header, and the checksum that belongs to it."""
    header = bytearray(content[8:4096])
    header[4:12] = version.to_bytes(8, "little")
    checksum = 5381
    for start in range(0, len(header), 8):
        checksum ^= int.from_bytes(header[start : start + 8], "little") * 0xBF58476D1CE4E5B9 % 2**64
    return checksum.to_bytes(8, "little") + bytes(header) + content[4096:]
