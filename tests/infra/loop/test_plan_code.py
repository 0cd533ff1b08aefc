"""What new code and what somebody asks for make due, and what stays owed."""

from dataclasses import replace

from infra.loop.plan import WHOLE, Cause, Grain, InputNow, Node, Pending, Recorded, Scope, Why, Window, plan
from tests.infra.loop.planner_words import (
    LEVEL,
    ORDERS,
    WEEK,
    day,
    days,
    feature,
    moved,
    numbers,
    owed,
    published,
)

MART = Node("marts.growth", Grain.WHOLE, {ORDERS: Window()}, "old")
RAW = Node("raw.shop", Grain.OBJECT, {"landing": Window()}, "old")


def test_new_code_leaves_published_days_for_a_rebuild() -> None:
    planned = plan(feature(code="new"), published(), LEVEL, WEEK)
    assert planned.build == ()
    assert owed(planned) == dict.fromkeys(range(1, 8), Pending(Why.CODE))
    assert planned.code_moved


def test_new_days_use_the_new_code_at_once() -> None:
    planned = plan(feature(code="new"), published(), LEVEL, WEEK | days(8))
    assert numbers(planned.build) == [8]
    assert list(owed(planned)) == [1, 2, 3, 4, 5, 6, 7]


def test_days_whose_input_changed_use_the_new_code_at_once() -> None:
    planned = plan(feature(code="new"), published(), moved(4), WEEK)
    assert numbers(planned.build) == [4]
    assert list(owed(planned)) == [1, 2, 3, 5, 6, 7]


def test_days_of_older_code_stay_owed_and_say_nothing_new() -> None:
    planned = plan(feature(), published(pending={day(1): Pending(Why.CODE)}), LEVEL, WEEK)
    assert owed(planned) == {1: Pending(Why.CODE)}
    assert planned.is_level


def test_code_that_moves_again_is_recorded_though_the_same_days_stay_owed() -> None:
    before = dict.fromkeys(WEEK, Pending(Why.CODE))
    planned = plan(feature(code="newer"), published(pending=before, code="new"), LEVEL, WEEK)
    assert planned.pending == before
    assert not planned.is_level


def test_a_day_of_older_code_is_owed_no_more_once_its_input_changes() -> None:
    planned = plan(feature(), published(pending={day(4): Pending(Why.CODE)}), moved(4), WEEK)
    assert numbers(planned.build) == [4]
    assert not planned.pending


def test_a_rebuild_builds_every_day_whatever_moved() -> None:
    planned = plan(feature(), published(pending={day(1): Pending(Why.CODE)}), LEVEL, WEEK, Scope(rebuild=True))
    assert planned.build == tuple(sorted(WEEK))
    assert not planned.pending


def test_partitions_asked_for_again_are_built_though_nothing_moved_and_no_others_are() -> None:
    again = Scope(again={"raw.shop": frozenset({"a.csv", "never delivered"}), "raw.other": frozenset({"b.csv"})})
    had = frozenset({"a.csv", "b.csv"})
    recorded = Recorded({"landing": "v1"}, "old", had)

    planned = plan(RAW, recorded, {"landing": InputNow("v1")}, had, again)

    assert planned.causes == {"a.csv": {Cause("rebuild")}}
    assert planned.build == ("a.csv",)


def test_after_a_change_of_code_what_is_asked_for_again_is_restated_and_the_rest_stays_owed() -> None:
    had = frozenset({"a.csv", "b.csv"})
    recorded = Recorded({"landing": "v1"}, "older", had)

    planned = plan(RAW, recorded, {"landing": InputNow("v1")}, had, Scope(again={"raw.shop": frozenset({"a.csv"})}))

    assert planned.build == ("a.csv",)
    assert planned.pending == {"b.csv": Pending(Why.CODE)}


def test_a_rebuild_of_some_days_leaves_the_older_code_of_the_others_as_it_was() -> None:
    planned = plan(feature(code="new"), published(), LEVEL, WEEK, Scope(day(3), day(5), rebuild=True))
    assert numbers(planned.build) == [3, 4, 5]
    assert owed(planned) == dict.fromkeys((1, 2, 6, 7), Pending(Why.CODE))


def test_a_rebuild_makes_a_whole_dataset_due_whatever_days_were_asked_for() -> None:
    recorded = published(frozenset({WHOLE}), code="old")
    scope = Scope(day(3), day(5), rebuild=True)
    assert plan(replace(MART, code="new"), recorded, LEVEL, frozenset({WHOLE}), scope).build == (WHOLE,)
