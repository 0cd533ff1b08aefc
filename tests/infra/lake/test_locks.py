from infra.lake.catalog import Lake
from infra.lake.locks import table_locks, try_table_lock


def test_a_held_lock_is_not_free(lake: Lake) -> None:
    with table_locks(lake.settings, ["events.a"]), try_table_lock(lake.settings, "events.a") as free:
        assert not free


def test_a_lock_is_free_after_its_block(lake: Lake) -> None:
    with table_locks(lake.settings, ["events.a"]):
        pass
    with try_table_lock(lake.settings, "events.a") as free:
        assert free


def test_locks_of_different_tables_do_not_meet(lake: Lake) -> None:
    with table_locks(lake.settings, ["events.a"]), try_table_lock(lake.settings, "events.b") as free:
        assert free
