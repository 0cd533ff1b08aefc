"""What is due, and why: the planner compares what a dataset recorded with what its inputs are now."""

from dataclasses import replace

import pytest

from infra.loop.plan import WHOLE, Cause, Grain, InputNow, Node, Pending, Recorded, Scope, Why, Window, plan
from tests.infra.loop.planner_words import (
    LEVEL,
    ORDERS,
    WEEK,
    day,
    days,
    feature,
    kinds,
    moved,
    numbers,
    owed,
    published,
)

MART = Node("marts.growth", Grain.WHOLE, {ORDERS: Window()}, "old")
RAW = Node("raw.shop", Grain.OBJECT, {"landing": Window()}, "old")


def test_before_the_first_publication_every_wanted_partition_is_new() -> None:
    planned = plan(feature(), None, {ORDERS: InputNow("v1", changed=None)}, days(1, 2))
    assert planned.build == (day(1), day(2))
    assert planned.causes == {day(1): {Cause("new")}, day(2): {Cause("new")}}


def test_a_dataset_whose_inputs_stand_still_is_level() -> None:
    planned = plan(feature(), published(), LEVEL, WEEK)
    assert planned.is_level
    assert not planned.causes
    assert not planned.pending


@pytest.mark.parametrize(
    ("window", "due"),
    [
        (Window(), [4]),
        (Window(before=2), [4, 5, 6]),
        (Window(after=1), [3, 4]),
        (Window(before=1, after=2), [2, 3, 4, 5]),
        (Window(before=None), [4, 5, 6, 7]),
        (Window(before=None, after=2), [2, 3, 4, 5, 6, 7]),
        (Window(before=9, after=9), [1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_a_changed_input_day_makes_exactly_the_days_due_that_read_it(window: Window, due: list[int]) -> None:
    assert numbers(plan(feature(window), published(), moved(4), WEEK).build) == due


def test_an_unbounded_window_counts_from_the_first_of_several_changed_days() -> None:
    assert numbers(plan(feature(Window(before=None)), published(), moved(6, 3, 5), WEEK).build) == [3, 4, 5, 6, 7]


def test_an_input_day_before_the_first_day_of_the_output_still_counts_for_the_days_that_look_back_at_it() -> None:
    planned = plan(feature(Window(before=2)), published(had=days(3, 4, 5)), moved(2), days(3, 4, 5))
    assert numbers(planned.build) == [3, 4]


def test_windows_reach_over_the_end_of_a_month() -> None:
    leap_day = {ORDERS: InputNow("v2", frozenset({"2024-02-29"}))}
    planned = plan(feature(Window(before=2)), published(), leap_day, WEEK)
    assert numbers(planned.build) == [1, 2]


def test_each_input_has_its_own_window() -> None:
    node = replace(feature(), windows={ORDERS: Window(), "events.visit": Window(before=1)})
    recorded = replace(published(), inputs={ORDERS: "v1", "events.visit": "v1"})
    planned = plan(node, recorded, moved(2) | {"events.visit": InputNow("v2", days(5))}, WEEK)
    assert planned.causes == {
        day(2): {Cause("input", ORDERS)},
        day(5): {Cause("input", "events.visit")},
        day(6): {Cause("input", "events.visit")},
    }


def test_an_input_that_moved_without_changing_a_day_moves_provenance_only() -> None:
    planned = plan(feature(), published(), moved(), WEEK)
    assert planned.build == ()
    assert planned.moved == {ORDERS: ("v1", "v2")}
    assert not planned.is_level


def test_what_changed_does_not_count_when_the_version_is_the_recorded_one() -> None:
    assert plan(feature(), published(), {ORDERS: InputNow("v1", days(4))}, WEEK).is_level


def test_a_day_newly_inside_the_frontier_is_due_though_no_input_moved() -> None:
    planned = plan(feature(), published(), LEVEL, WEEK | days(8))
    assert kinds(planned) == {8: {"new"}}
    assert numbers(planned.build) == [8]


def test_days_beyond_a_frontier_that_shrank_are_due_to_go() -> None:
    planned = plan(feature(), published(), LEVEL, days(1, 2, 3, 4, 5))
    assert kinds(planned) == {6: {"gone"}, 7: {"gone"}}
    assert numbers(planned.build) == [6, 7]


def test_days_before_a_first_day_that_moved_are_due_to_go() -> None:
    planned = plan(feature(Window(before=None)), published(), LEVEL, days(3, 4, 5, 6, 7))
    assert kinds(planned) == {1: {"gone"}, 2: {"gone"}}


def test_where_history_is_gone_every_day_is_due() -> None:
    planned = plan(feature(), published(), {ORDERS: InputNow("v9", changed=None)}, WEEK)
    assert planned.build == tuple(sorted(WEEK))
    assert planned.causes[day(1)] == {Cause("history", ORDERS)}


def test_an_input_read_for_the_first_time_makes_due_what_it_is_said_to_concern() -> None:
    planned = plan(feature(), replace(published(), inputs={}), moved(4), WEEK)
    assert planned.build == (day(4),)


def test_an_input_that_is_read_no_more_makes_every_day_due() -> None:
    planned = plan(feature(), replace(published(), inputs={**published().inputs, "raw.stall": "v1"}), LEVEL, WEEK)
    assert planned.build == tuple(sorted(WEEK))
    assert set().union(*kinds(planned).values()) == {"unread"}


def test_a_whole_dataset_is_due_when_any_day_of_an_input_changed() -> None:
    recorded = published(frozenset({WHOLE}))
    assert plan(MART, recorded, moved(4), frozenset({WHOLE})).build == (WHOLE,)
    assert plan(MART, recorded, moved(), frozenset({WHOLE})).build == ()


def test_of_landed_objects_the_unseen_the_changed_and_the_vanished_are_due() -> None:
    recorded = Recorded({"landing": "v1"}, "old", frozenset({"a.csv", "b.csv", "c.csv"}))
    landing = {"landing": InputNow("v2", frozenset({"b.csv", "c.csv", "d.csv"}))}
    planned = plan(RAW, recorded, landing, frozenset({"a.csv", "b.csv", "d.csv"}))
    assert planned.build == ("b.csv", "c.csv", "d.csv")
    assert planned.causes["c.csv"] == {Cause("gone")}


def test_a_state_is_carried_from_the_first_day_that_is_built_to_the_last() -> None:
    planned = plan(feature(carries_state=True), published(), moved(5), WEEK)
    assert kinds(planned) == {5: {"input"}, 6: {"carried"}, 7: {"carried"}}
    assert numbers(planned.build) == [5, 6, 7]


def test_a_state_is_carried_over_days_of_older_code_without_restating_those_before() -> None:
    planned = plan(feature(code="new", carries_state=True), published(), moved(5), WEEK)
    assert numbers(planned.build) == [5, 6, 7]
    assert owed(planned) == dict.fromkeys((1, 2, 3, 4), Pending(Why.CODE))


def test_a_state_is_rebuilt_from_the_first_day_asked_for_over_older_code_before_it() -> None:
    scope = Scope(day(6), None, rebuild=True)
    planned = plan(feature(code="new", carries_state=True), published(), LEVEL, WEEK, scope)
    assert numbers(planned.build) == [6, 7]
    assert owed(planned) == dict.fromkeys((1, 2, 3, 4, 5), Pending(Why.CODE))


def test_a_state_loses_what_fell_off_the_front_on_every_later_day() -> None:
    planned = plan(feature(carries_state=True), published(), LEVEL, days(3, 4, 5, 6, 7))
    assert kinds(planned) == {1: {"gone"}, 2: {"gone"}} | {key: {"carried"} for key in range(3, 8)}


def test_a_state_does_not_mind_days_that_fell_off_the_end() -> None:
    planned = plan(feature(carries_state=True), published(), LEVEL, days(1, 2, 3, 4, 5))
    assert numbers(planned.build) == [6, 7]


def test_a_state_grows_by_its_new_day_only() -> None:
    assert numbers(plan(feature(carries_state=True), published(), LEVEL, WEEK | days(8)).build) == [8]


def test_before_anything_is_due_there_is_nothing_to_publish() -> None:
    assert plan(feature(), None, {ORDERS: InputNow("v1")}, frozenset()).is_level


def test_what_reads_objects_is_level_while_its_own_are_the_same() -> None:
    recorded = Recorded({"landing": "v1"}, "old", frozenset({"a"}))
    listed_anew = {"landing": InputNow("v2")}

    assert plan(RAW, recorded, listed_anew, frozenset({"a"})).is_level
    assert not plan(RAW, recorded, listed_anew, frozenset({"a", "b"})).is_level
