"""Closed days beside the same weekday of the weeks before."""

from datetime import date, timedelta

import pytest

from expectations.volume import compare_weekdays

MONDAY = date(2011, 3, 7)


def _weeks_before(*rows: int) -> dict[date, int]:
    """Row counts of the Mondays before, the nearest first."""
    return {MONDAY - timedelta(weeks=week): count for week, count in enumerate(rows, start=1)}


@pytest.mark.parametrize(("rows", "is_within"), [(50, True), (49, False), (150, True), (151, False), (0, False)])
def test_a_day_may_differ_from_the_median_by_the_tolerance(rows: int, is_within: bool) -> None:
    (volume,) = compare_weekdays({**_weeks_before(90, 100, 5000), MONDAY: rows}, [MONDAY], weeks=4)

    assert volume.usual_rows == 100
    assert volume.is_within(0.5) is is_within


def test_a_gated_day_without_count_has_no_rows() -> None:
    (volume,) = compare_weekdays(_weeks_before(100, 100), [MONDAY], weeks=4)

    assert volume.rows == 0


def test_a_day_with_less_than_two_earlier_same_weekdays_is_not_compared() -> None:
    other_days = {MONDAY - timedelta(days=days): 100 for days in range(1, 7)}

    assert compare_weekdays({**other_days, **_weeks_before(100), MONDAY: 1}, [MONDAY], weeks=4) == []


def test_weeks_beyond_the_declared_ones_do_not_count() -> None:
    history = _weeks_before(100, 100, 900, 900, 900)

    (volume,) = compare_weekdays({**history, MONDAY: 100}, [MONDAY], weeks=2)

    assert volume.usual_rows == 100


def test_only_gated_days_are_judged_in_order_and_once() -> None:
    counts = {**_weeks_before(10, 10, 10), MONDAY: 10}
    earlier = MONDAY - timedelta(weeks=1)

    volumes = compare_weekdays(counts, [MONDAY, earlier, MONDAY], weeks=4)

    assert [volume.day for volume in volumes] == [earlier, MONDAY]
