"""dbt's unit tests gate a mart like any other test, and run where the code is new: they read no rows."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.app.dbt_project import PASSED_FILE, DbtProject
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
    asked = listen(monkeypatch)

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


def test_a_note_of_what_passed_that_cannot_be_read_only_costs_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = changed_project(tmp_path, lambda _: None)
    table = SmallLake(tmp_path / "lake").add("events.order_line", [line("2011-01-04")])
    build(project, tmp_path / "first.duckdb", [table], DAY)
    (note,) = (project.work / "parsed").glob(f"*/{PASSED_FILE}")
    note.write_text("[")
    asked = listen(monkeypatch)

    assert build(project, tmp_path / "second.duckdb", [table], DAY)[DAILY].passed
    assert asked == [True]


def test_a_unit_test_that_fails_after_it_passed_is_forgotten(tmp_path: Path) -> None:
    yml = "models/marts/growth/growth_daily.yml"
    project = changed_project(tmp_path, lambda copy: replace(copy, yml, "gross_sales: 13.7501", "gross_sales: 13.75"))
    table = SmallLake(tmp_path / "lake").add("events.order_line", [line("2011-01-04")])
    build(project, tmp_path / "first.duckdb", [table], DAY)
    (parsed,) = (project.work / "parsed").iterdir()
    manifest = json.loads((parsed / "manifest.json").read_text())
    failing = next(key for key in manifest["unit_tests"] if key.endswith("counts_customers_orders_and_money"))
    (parsed / PASSED_FILE).write_text(json.dumps([failing]))

    build(project, tmp_path / "second.duckdb", [table], DAY)

    assert failing not in json.loads((parsed / PASSED_FILE).read_text())


def listen(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each call of dbt whether it is to run unit tests."""
    asked: list[bool] = []
    call = Dbt.build

    def listened(*given: Any, unit_tests: bool) -> Any:
        asked.append(unit_tests)
        return call(*given, unit_tests=unit_tests)

    monkeypatch.setattr(Dbt, "build", listened)
    return asked
