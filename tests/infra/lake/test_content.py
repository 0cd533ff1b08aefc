import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.lake import branch
from infra.lake.catalog import Lake
from infra.lake.content import content_hash, hash_rows
from tests.infra.lake.conftest import visits_on

ROWS = st.lists(st.tuples(st.integers(0, 3), st.one_of(st.none(), st.text(max_size=3))), max_size=8)


def _table(rows: list[tuple[int, str | None]]) -> pa.Table:
    numbers, texts = [n for n, _ in rows], [t for _, t in rows]
    return pa.table({"n": pa.array(numbers, pa.int64()), "t": pa.array(texts, pa.string())})


@settings(max_examples=60, deadline=None, derandomize=True)
@given(ROWS, ROWS)
def test_hashes_are_equal_exactly_for_equal_multisets_of_rows(
    rows: list[tuple[int, str | None]], others: list[tuple[int, str | None]]
) -> None:
    equal = sorted(rows, key=repr) == sorted(others, key=repr)

    assert (hash_rows(_table(rows)) == hash_rows(_table(others))) is equal


def test_column_order_does_not_count() -> None:
    rows = _table([(1, "a"), (2, None)])

    assert hash_rows(rows) == hash_rows(rows.select(["t", "n"]))


@pytest.mark.parametrize("other", [[(None, 1)], [(1, None)], []])
def test_it_matters_where_nulls_stand(other: list[tuple[int | None, int | None]]) -> None:
    def pairs(rows: list[tuple[int | None, int | None]]) -> pa.Table:
        return pa.table(
            {"a": pa.array([a for a, _ in rows], pa.int64()), "b": pa.array([b for _, b in rows], pa.int64())}
        )

    assert hash_rows(pairs([(1, 1)])) != hash_rows(pairs(other))


def test_the_hash_of_a_version_forgets_its_history(lake: Lake, visits: str) -> None:
    table = lake.table(visits)
    table.append(visits_on(("2026-03-01", 1)))
    table.append(visits_on(("2026-03-02", 2)))
    in_two = content_hash(table, branch.head(table))

    table.overwrite(visits_on(("2026-03-02", 2), ("2026-03-01", 1)))

    assert content_hash(table, branch.head(table)) == in_two


def test_columns_left_out_do_not_count(lake: Lake, visits: str) -> None:
    table = lake.table(visits)
    table.append(visits_on(("2026-03-01", 1)))
    before = content_hash(table, branch.head(table), without=["visits"])
    table.overwrite(visits_on(("2026-03-01", 7)))

    assert content_hash(table, branch.head(table), without=["visits"]) == before
