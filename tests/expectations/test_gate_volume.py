"""The weekday volume rule at the gate."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from expectations.gate import CheckResult
from tests.expectations.contract_files import (
    contract,
    feature,
    weekday_volume,
)
from tests.expectations.sales import GOOD, on_pandas

pytestmark = pytest.mark.usefixtures("quality_engine")


MONDAY = date(2011, 3, 7)
USUAL = {MONDAY - timedelta(weeks=week): 100 for week in (1, 2, 3)}


def _volume(folder: Path, severity: str = "critical", **more: Any) -> CheckResult:
    return on_pandas(contract(folder, feature([weekday_volume(severity)])), GOOD, **more)[-1]


def test_a_usual_day_keeps_the_weekday_volume(tmp_path: Path) -> None:
    result = _volume(tmp_path, daily_rows={**USUAL, MONDAY: 60}, gated_days=[MONDAY])

    assert result.passed
    assert result.observed == "0 of 1 compared days out of range"


def test_an_unusual_day_breaks_the_weekday_volume_and_is_named(tmp_path: Path) -> None:
    result = _volume(tmp_path, "warning", daily_rows={**USUAL, MONDAY: 10}, gated_days=[MONDAY])

    assert (result.passed, result.severity) == (False, "warning")
    assert result.observed == "1 of 1 compared days out of range; 2011-03-07: 10 rows, usually 100"


def test_days_that_are_not_gated_are_not_judged(tmp_path: Path) -> None:
    assert _volume(tmp_path, daily_rows={**USUAL, MONDAY: 10}, gated_days=[]).passed


def test_a_volume_rule_without_counts_to_judge_by_isbroken(tmp_path: Path) -> None:
    assert _volume(tmp_path).observed == "no daily row counts to judge by"


def test_volumes_are_judged_without_rows_too(tmp_path: Path) -> None:
    of = contract(tmp_path, feature([weekday_volume()]))

    results = on_pandas(of, [], daily_rows=USUAL, gated_days=[MONDAY])

    assert [result.passed for result in results] == [True, False]
