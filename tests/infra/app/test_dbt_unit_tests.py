"""dbt's unit tests gate a mart like any other test, and run where the code is new: they read no rows."""

from pathlib import Path
from typing import Any

import pytest

from infra.app.dbt_project import DbtProject
from infra.app.dbt_run import Dbt
from tests.infra.app.changed_project import changed_project, replace
from tests.transforms.small_lake import CONTRACTS, SmallLake, build, line

DAILY = "marts.growth_daily"
DAY = {DAILY: "2011-01-05"}


def test_a_failing_unit_test_stops_the_mart(tmp_path: Path) -> None:
    yml = "models/marts/growth/growth_daily.yml"
    project = changed_project(tmp_path, lambda copy: replace(copy, yml, "gross_sales: 13.7501", "gross_sales: 13.75"))
    table = SmallLake(tmp_path / "lake").add("events.order_line", [line("2011-01-04")])

    result = build(project, tmp_path / "staging.duckdb", [table], DAY)[DAILY]

    assert not result.built
    assert not result.passed
    assert "growth_daily_counts_customers_orders_and_money" in (result.error or "")
    # What did not pass has proven nothing.
    assert not build(project, tmp_path / "again.duckdb", [table], DAY)[DAILY].built


def test_unit_tests_that_passed_are_not_run_again_until_the_code_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = changed_project(tmp_path, lambda _: None)
    table = SmallLake(tmp_path / "lake").add("events.order_line", [line("2011-01-04")])
    first = build(project, tmp_path / "first.duckdb", [table], DAY)[DAILY]
    asked: list[bool] = []
    call = Dbt.build

    def listened(*given: Any, unit_tests: bool) -> Any:
        asked.append(unit_tests)
        return call(*given, unit_tests=unit_tests)

    monkeypatch.setattr(Dbt, "build", listened)

    second = build(project, tmp_path / "second.duckdb", [table], DAY)[DAILY]

    assert asked == [False]
    assert second.passed
    assert [check.name for check in second.checks] == [check.name for check in first.checks]
    messages = {check.name: check.message for check in second.checks}
    assert "passed before" in messages["growth_daily_counts_customers_orders_and_money"]
    replace(project.project, "models/marts/growth/growth_daily.yml", "gross_sales: 13.7501", "gross_sales: 13.75")
    moved = DbtProject(project.project, project.work, CONTRACTS)
    assert not build(moved, tmp_path / "third.duckdb", [table], DAY)[DAILY].built
    assert asked == [False, True]
