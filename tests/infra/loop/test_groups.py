"""Which datasets are built together: neighbours that are built alike and of which none reads another."""

from types import SimpleNamespace
from typing import Any, cast

from infra.loop.dataset import Dataset, in_groups


def dataset(name: str, built_by: str | None, *inputs: str) -> Dataset:
    """A dataset as far as grouping looks at it."""
    stand_in: Any = SimpleNamespace(name=name, built_by=built_by, inputs=inputs)
    return cast(Dataset, stand_in)


def names(*datasets: Dataset) -> list[list[str]]:
    """The names of each group."""
    return [[one.name for one in group] for group in in_groups(datasets)]


def test_neighbours_that_one_thing_builds_are_a_group() -> None:
    assert names(dataset("a", "dbt", "x"), dataset("b", "dbt", "x")) == [["a", "b"]]


def test_neighbours_that_are_built_each_by_itself_are_a_group_too() -> None:
    assert names(dataset("a", None), dataset("b", None)) == [["a", "b"]]


def test_a_reader_is_not_in_the_group_of_what_it_reads() -> None:
    assert names(dataset("a", "dbt"), dataset("b", "dbt", "a"), dataset("c", "dbt", "a")) == [["a"], ["b", "c"]]


def test_the_order_is_kept_where_another_kind_stands_between() -> None:
    assert names(dataset("a", "dbt"), dataset("x", None), dataset("b", "dbt")) == [["a"], ["x"], ["b"]]


def test_nothing_makes_no_group() -> None:
    assert names() == []
