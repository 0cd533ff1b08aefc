"""The analysts' file is replaced at once or not at all, and a reader keeps what it opened."""

import os
import signal
import time
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from infra.app.warehouse import Published, WarehouseError, query, refresh
from tests.support.child import child, holding_open

DAILY = "marts.growth_daily"


def orders(*counts: int) -> pa.Table:
    """A mart with one column."""
    return pa.table({"orders": pa.array(counts, pa.int64())})


def total(path: Path) -> object:
    """What the file shows."""
    return query(path, "select cast(sum(orders) as integer) from growth_daily")[1][0][0]


def leftovers(path: Path) -> list[str]:
    """Files beside the warehouse."""
    return sorted(other.name for other in path.parent.iterdir() if other != path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "warehouse.duckdb"


def test_the_file_shows_each_mart_with_its_types_and_comments(path: Path) -> None:
    rows = pa.table({"net_sales": pa.array([Decimal("1.2500")], pa.decimal128(18, 4))})
    refresh(path, {DAILY: Published(1, rows, "One row per day, isn't it.", {"net_sales": "In the currency."})})

    columns, found = query(path, "select typeof(net_sales) as type, net_sales from marts.growth_daily")
    assert columns == ["type", "net_sales"]
    assert found == [("DECIMAL(18,4)", Decimal("1.2500"))]
    comments = query(
        path,
        "select t.comment, c.comment from duckdb_tables() t join duckdb_columns() c using (database_name, table_oid)"
        " where t.table_name = 'growth_daily'",
    )
    assert comments[1] == [("One row per day, isn't it.", "In the currency.")]


def test_the_same_versions_change_nothing_and_are_not_even_read(path: Path) -> None:
    assert refresh(path, {DAILY: (1, orders(3))})
    before = path.stat()

    def unread() -> pa.Table:
        raise AssertionError("read for nothing")

    assert not refresh(path, {DAILY: Published(1, unread)})
    assert path.stat().st_ino == before.st_ino


def test_another_version_or_another_mart_replaces_the_file(path: Path) -> None:
    refresh(path, {DAILY: (1, orders(3))})

    assert refresh(path, {DAILY: (2, orders(4))})
    assert total(path) == 4
    assert refresh(path, {DAILY: (2, orders(4)), "marts.other": (7, orders())})
    assert refresh(path, {DAILY: (2, orders(4))})
    assert query(path, "select table_name from duckdb_tables() where schema_name = 'marts'")[1] == [("growth_daily",)]
    assert leftovers(path) == []


def test_before_anything_is_published_there_is_an_empty_file(path: Path) -> None:
    assert refresh(path, {})
    assert not refresh(path, {})
    assert query(path, "select 1 as one") == (["one"], [(1,)])


def test_a_reader_of_this_process_keeps_its_file_and_a_new_query_sees_the_new_one(path: Path) -> None:
    refresh(path, {DAILY: (1, orders(*range(5_000)))})
    with duckdb.connect(str(path), read_only=True) as reader:
        cursor = reader.execute("select orders from marts.growth_daily")
        first = cursor.fetchmany(10)

        assert refresh(path, {DAILY: (2, orders(1))})

        assert total(path) == 1
        assert len(first) + len(cursor.fetchall()) == 5_000


@pytest.mark.fault(40, how="another process reads when the analysts' file is replaced", part=True)
def test_a_reader_of_another_process_finishes_its_query(path: Path) -> None:
    refresh(path, {DAILY: (1, orders(*range(5_000)))})
    reader = child(
        f"""
        import duckdb
        connection = duckdb.connect({str(path)!r}, read_only=True)
        cursor = connection.execute("select orders from marts.growth_daily")
        seen = len(cursor.fetchmany(10))
        print("ready", flush=True)
        input()
        print(seen + len(cursor.fetchall()), connection.execute("select count(*) from marts.growth_daily").fetchall())
        """
    )

    assert refresh(path, {DAILY: (2, orders(1))})

    assert total(path) == 1
    assert reader.communicate("go on\n")[0].strip() == "5000 [(5000,)]"


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param("infra.app.warehouse._write_mart", id="while it writes"),
        pytest.param("infra.app.warehouse._sync", id="before the file is safe on the disk"),
        pytest.param("os.replace", id="just before the swap"),
    ],
)
@pytest.mark.fault(35, how="SIGKILL at three steps of writing the analysts' file", part=True)
def test_a_refresh_that_is_killed_leaves_the_old_file_and_the_next_one_cleans_up(path: Path, moment: str) -> None:
    refresh(path, {DAILY: (1, orders(3))})
    module, _, function = moment.rpartition(".")
    killed = child(
        f"""
        import time
        from importlib import import_module
        from pathlib import Path
        import pyarrow as pa
        from infra.app.warehouse import refresh

        def stay(*_):
            print("ready", flush=True)
            time.sleep(60)

        setattr(import_module({module!r}), {function!r}, stay)
        refresh(Path({str(path)!r}), {{{DAILY!r}: (2, pa.table({{"orders": [9]}}))}})
        """
    )
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()

    assert total(path) == 3
    assert leftovers(path) != []
    assert refresh(path, {DAILY: (2, orders(4))})
    assert total(path) == 4
    assert leftovers(path) == []


def test_what_a_running_process_or_another_machine_writes_is_left_alone_until_it_is_old(path: Path) -> None:
    unfinished = [
        path.with_name(f".{path.name}~{os.uname().nodename}~{os.getpid()}~1234.tmp"),
        path.with_name(f".{path.name}~elsewhere~1~1234.tmp"),
    ]
    for file in unfinished:
        file.touch()
    refresh(path, {})
    assert leftovers(path) == sorted(file.name for file in unfinished)

    day_ago = time.time() - 90_000
    for file in unfinished:
        os.utime(file, (day_ago, day_ago))
    refresh(path, {})
    assert leftovers(path) == []


@pytest.mark.fault(35, how="another process writes to the analysts' file", part=True)
def test_a_lock_that_somebody_holds_does_not_stop_the_refresh(path: Path) -> None:
    refresh(path, {DAILY: (1, orders(3))})
    holder = holding_open(path)
    with pytest.raises(WarehouseError, match=r"warehouse\.duckdb"):
        query(path, "select 1")

    assert refresh(path, {DAILY: (2, orders(4))})
    assert total(path) == 4
    holder.kill()
    holder.communicate()
    assert total(path) == 4
