from collections.abc import Mapping
from datetime import date

import pytest

from infra.lake import branch, partitions
from infra.lake.catalog import Lake
from infra.lake.filters import is_in, on_days
from infra.lake.rows import replace_rows
from tests.infra.lake.conftest import visits_on


def _day(values: Mapping[str, str | None]) -> str | None:
    return values["day"]


def _head(lake: Lake, name: str) -> int:
    return branch.head(lake.table(name))


def test_appended_days_are_the_changed_ones(lake: Lake, visits: str) -> None:
    lake.table(visits).append(visits_on(("2026-03-01", 1)))
    before = _head(lake, visits)
    lake.table(visits).append(visits_on(("2026-03-02", 1), ("2026-03-03", 1)))

    changed = partitions.changed(lake.table(visits), before, _head(lake, visits), _day)

    assert changed == {"2026-03-02", "2026-03-03"}


def test_an_emptied_day_is_changed(lake: Lake, visits: str) -> None:
    lake.table(visits).append(visits_on(("2026-03-01", 1), ("2026-03-02", 1)))
    before = _head(lake, visits)
    replace_rows(lake, visits, "main", visits_on(), is_in("day", [date(2026, 3, 2)]))

    assert partitions.changed(lake.table(visits), before, _head(lake, visits), _day) == {"2026-03-02"}


def test_a_version_did_not_change_against_itself(lake: Lake, visits: str) -> None:
    lake.table(visits).append(visits_on(("2026-03-01", 1)))
    head = _head(lake, visits)

    assert partitions.changed(lake.table(visits), head, head, _day) == frozenset()


def test_an_empty_commit_changes_no_day(lake: Lake, visits: str) -> None:
    lake.table(visits).append(visits_on(("2026-03-01", 1)))
    before = _head(lake, visits)
    lake.table(visits).append(visits_on())

    assert partitions.changed(lake.table(visits), before, _head(lake, visits), _day) == frozenset()


def test_expired_history_is_said_not_guessed(lake: Lake, visits: str) -> None:
    for day in ("2026-03-01", "2026-03-02", "2026-03-03"):
        lake.table(visits).append(visits_on((day, 1)))
    chain = branch.ancestors(lake.table(visits), _head(lake, visits))
    lake.table(visits).maintenance.expire_snapshots().by_id(chain[2]).commit()

    assert partitions.changed(lake.table(visits), chain[2], chain[0], _day) is None


def test_rows_are_counted_by_partition_from_metadata(lake: Lake, visits: str) -> None:
    lake.table(visits).append(visits_on(("2026-03-01", 1), ("2026-03-01", 2), ("2026-03-02", 1)))

    assert partitions.rows_by(lake.table(visits), _head(lake, visits), "day") == {"2026-03-01": 2, "2026-03-02": 1}


def test_the_fingerprint_of_chosen_days_moves_with_them_only(lake: Lake, visits: str) -> None:
    chosen = partitions.among("day", ["2026-03-01"])
    lake.table(visits).append(visits_on(("2026-03-01", 1)))
    first = partitions.fingerprint(lake.table(visits), _head(lake, visits), chosen)
    lake.table(visits).append(visits_on(("2026-03-02", 1)))
    other_day = partitions.fingerprint(lake.table(visits), _head(lake, visits), chosen)
    lake.table(visits).append(visits_on(("2026-03-01", 5)))
    same_day = partitions.fingerprint(lake.table(visits), _head(lake, visits), chosen)

    assert first == other_day != same_day


def test_days_without_a_gap_are_a_range_and_the_others_stay() -> None:
    days = ["2026-03-04", "2026-02-27", "2026-03-01", "2026-02-28", "2026-03-04", "2026-03-06"]

    assert partitions.ranges(days) == ([("2026-02-27", "2026-03-01")], ["2026-03-04", "2026-03-06"])
    assert partitions.ranges([]) == ([], [])


def test_of_many_ranges_the_longest_are_told_and_no_day_is_lost() -> None:
    days = [day for day in partitions.days_between("2025-01-01", "2026-03-08") if not day.endswith("5")]

    ranges, others = partitions.ranges(days)

    assert len(ranges) == partitions.MOST_RANGES
    assert sorted([day for run in ranges for day in partitions.days_between(*run)] + others) == days


@pytest.mark.parametrize("days", [[], ["2026-03-02"], ["2026-03-01", "2026-03-02", "2026-03-04"]])
def test_rows_are_read_by_days_with_and_without_a_gap(lake: Lake, visits: str, days: list[str]) -> None:
    lake.table(visits).append(visits_on(*[(day, 1) for day in partitions.days_between("2026-03-01", "2026-03-05")]))

    found = lake.table(visits).scan(on_days("day", days)).to_arrow()["day"].to_pylist()

    assert sorted(day.isoformat() for day in found) == days
