"""What is due and left, for which reason, and what becomes of it later."""

from dataclasses import replace

from infra.loop.plan import WHOLE, Cause, Grain, InputNow, Node, Pending, Scope, Why, Window, plan
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

HELD = Pending(Why.HELD, "shop 4f1c")
RANGE = Pending(Why.RANGE)
WAITS = Pending(Why.WAITS, ORDERS)
MART = Node("marts.growth", Grain.WHOLE, {ORDERS: Window()}, "old")


def test_due_days_outside_the_days_asked_for_are_owed() -> None:
    planned = plan(feature(), published(), moved(2, 4, 6), WEEK, Scope(day(3), day(5)))
    assert numbers(planned.build) == [4]
    assert owed(planned) == {2: RANGE, 6: RANGE}


def test_both_ends_of_the_days_asked_for_are_inside() -> None:
    assert numbers(plan(feature(), None, LEVEL, WEEK, Scope(day(3), day(5))).build) == [3, 4, 5]


def test_a_range_may_be_open_at_either_end() -> None:
    assert numbers(plan(feature(), None, LEVEL, WEEK, Scope(first=day(6))).build) == [6, 7]
    assert numbers(plan(feature(), None, LEVEL, WEEK, Scope(last=day(2))).build) == [1, 2]


def test_a_day_left_by_its_range_is_built_by_a_later_run_that_covers_it() -> None:
    planned = plan(feature(), published(pending={day(2): RANGE}), LEVEL, WEEK)
    assert kinds(planned) == {2: {"range"}}
    assert numbers(planned.build) == [2]
    assert not planned.pending
    assert not planned.is_level


def test_a_day_left_by_its_range_stays_owed_to_a_run_of_other_days_which_says_nothing() -> None:
    planned = plan(feature(), published(pending={day(2): RANGE}), LEVEL, WEEK, Scope(first=day(3)))
    assert owed(planned) == {2: RANGE}
    assert planned.is_level


def test_a_day_left_by_its_range_is_built_with_new_code_when_the_code_moves_meanwhile() -> None:
    assert numbers(plan(feature(code="new"), published(pending={day(2): RANGE}), LEVEL, WEEK).build) == [2]


def test_a_day_to_go_outside_the_days_asked_for_is_owed_and_goes_later() -> None:
    now = plan(feature(), published(), LEVEL, days(1, 2, 3, 4, 5, 6), Scope(last=day(3)))
    assert owed(now) == {7: RANGE}
    later = plan(feature(), published(now.wanted, now.pending), LEVEL, now.wanted)
    assert numbers(later.build) == [7]


def test_a_day_waits_for_an_input_day_in_its_window_that_was_itself_left() -> None:
    planned = plan(feature(Window(before=1)), published(), moved(3, 5, unready=days(2)), WEEK)
    assert owed(planned) == {3: WAITS}
    assert numbers(planned.build) == [4, 5, 6]


def test_a_day_waits_for_later_input_days_in_its_window() -> None:
    planned = plan(feature(Window(after=2)), published(), moved(3, 6, unready=days(4)), WEEK)
    assert numbers(planned.build) == [1, 5, 6]
    assert list(owed(planned)) == [2, 3, 4]  # day 4 reads 6, which changed


def test_with_an_unbounded_window_every_later_day_waits() -> None:
    planned = plan(feature(Window(before=None)), published(), moved(2, unready=days(4)), WEEK)
    assert numbers(planned.build) == [2, 3]
    assert list(owed(planned)) == [4, 5, 6, 7]


def test_with_an_unbounded_window_input_days_before_the_first_output_day_are_waited_for() -> None:
    planned = plan(feature(Window(before=None)), published(days(5, 6)), moved(6, unready=days(2)), days(5, 6))
    assert owed(planned) == {6: WAITS}


def test_a_day_that_is_not_due_does_not_wait() -> None:
    planned = plan(feature(), published(), moved(5, unready=days(2)), WEEK)
    assert numbers(planned.build) == [5]
    assert not planned.pending


def test_a_day_that_waited_is_built_when_its_input_is_ready_though_nothing_changed() -> None:
    planned = plan(feature(), published(pending={day(2): WAITS}), LEVEL, WEEK)
    assert kinds(planned) == {2: {"waits"}}
    assert numbers(planned.build) == [2]


def test_waiting_is_no_reason_to_leave_days_of_older_code_for_anything_but_a_rebuild() -> None:
    planned = plan(feature(code="new"), published(), {ORDERS: InputNow("v1", unready=days(2))}, WEEK)
    assert set(owed(planned).values()) == {Pending(Why.CODE)}


def test_out_of_range_goes_before_waiting() -> None:
    planned = plan(feature(), published(), moved(2, unready=days(2)), WEEK, Scope(first=day(3)))
    assert owed(planned) == {2: RANGE}


def test_a_whole_dataset_waits_for_any_day_of_its_inputs() -> None:
    planned = plan(MART, published(frozenset({WHOLE})), moved(5, unready=days(2)), frozenset({WHOLE}))
    assert planned.pending == {WHOLE: WAITS}


def test_a_whole_dataset_does_not_care_for_the_days_asked_for() -> None:
    planned = plan(MART, published(frozenset({WHOLE})), moved(5), frozenset({WHOLE}), Scope(day(1), day(2)))
    assert planned.build == (WHOLE,)


def test_landed_objects_do_not_care_for_the_days_asked_for() -> None:
    node = Node("raw.shop", Grain.OBJECT, {"landing": Window()}, "old")
    planned = plan(node, None, {"landing": InputNow("v1")}, frozenset({"orders.csv"}), Scope(day(1), day(2)))
    assert planned.build == ("orders.csv",)


def test_a_state_cannot_be_carried_over_a_day_that_was_left() -> None:
    planned = plan(feature(carries_state=True), published(), moved(2), WEEK, Scope(day(4), day(6)))
    assert planned.build == ()
    gap = Pending(Why.WAITS, "features.sales")
    assert owed(planned) == {2: RANGE, 3: RANGE, 4: gap, 5: gap, 6: gap, 7: RANGE}


def test_a_state_is_carried_to_the_end_of_the_days_asked_for_and_the_rest_is_owed() -> None:
    planned = plan(feature(carries_state=True), published(), moved(4), WEEK, Scope(day(4), day(5)))
    assert numbers(planned.build) == [4, 5]
    assert owed(planned) == {6: RANGE, 7: RANGE}


def test_a_state_left_behind_is_completed_by_the_next_run() -> None:
    before = {day(6): RANGE, day(7): Pending(Why.WAITS, "features.sales")}
    planned = plan(feature(carries_state=True), published(pending=before), LEVEL, WEEK)
    assert numbers(planned.build) == [6, 7]


def test_a_held_day_stays_held_and_says_nothing_new() -> None:
    planned = plan(feature(), published(pending={day(4): HELD}), LEVEL, WEEK)
    assert owed(planned) == {4: HELD}
    assert not planned.causes
    assert planned.is_level


def test_a_held_day_stays_held_while_others_are_built() -> None:
    planned = plan(feature(), published(pending={day(4): HELD}), moved(5), WEEK)
    assert numbers(planned.build) == [5]
    assert owed(planned) == {4: HELD}


def test_a_held_day_is_built_once_it_is_released() -> None:
    planned = plan(feature(), published(pending={day(4): HELD}), LEVEL, WEEK, released=days(4))
    assert planned.causes == {day(4): {Cause("held", "shop 4f1c")}}
    assert numbers(planned.build) == [4]
    assert not planned.pending


def test_a_held_day_is_built_once_its_input_moves() -> None:
    assert numbers(plan(feature(), published(pending={day(4): HELD}), moved(4), WEEK).build) == [4]


def test_a_held_day_is_built_with_new_code_because_the_verdict_was_about_the_old() -> None:
    planned = plan(feature(code="new"), published(pending={day(4): HELD}), LEVEL, WEEK)
    assert numbers(planned.build) == [4]


def test_a_released_day_outside_the_days_asked_for_is_owed_for_its_range() -> None:
    planned = plan(feature(), published(pending={day(4): HELD}), LEVEL, WEEK, Scope(first=day(5)), released=days(4))
    assert owed(planned) == {4: RANGE}
    assert not planned.is_level


def test_a_day_to_go_whose_going_was_held_stays_owed() -> None:
    planned = plan(feature(), published(days(1, 2), {day(3): HELD}), LEVEL, days(1, 2))
    assert owed(planned) == {3: HELD}


def test_release_of_a_day_that_is_not_held_changes_nothing() -> None:
    assert plan(feature(), published(), LEVEL, WEEK, released=days(4)).is_level


def test_a_pending_day_that_clears_up_is_something_to_record_even_if_nothing_else_moved() -> None:
    planned = plan(feature(), published(pending={day(4): WAITS}), LEVEL, WEEK, Scope(first=day(5)))
    assert owed(planned) == {4: RANGE}
    assert planned.pending_moved


def test_a_level_plan_of_two_inputs_needs_both_to_stand_still() -> None:
    node = replace(feature(), windows={ORDERS: Window(), "events.visit": Window()})
    recorded = replace(published(), inputs={ORDERS: "v1", "events.visit": "v1"})
    assert plan(node, recorded, LEVEL | {"events.visit": InputNow("v1")}, WEEK).is_level
    assert not plan(node, recorded, LEVEL | {"events.visit": InputNow("v2")}, WEEK).is_level
