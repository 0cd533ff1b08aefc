"""When a mart passes: it was built from the pinned versions, all its tests ran, and none of them failed."""

import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from infra.app import dbt_run
from infra.app.dbt_project import DbtProject
from infra.lake.errors import GuanxiError
from tests.infra.app.changed_project import MONTHLY, MONTHLY_YML, add_monthly, changed_project, replace
from tests.transforms.small_lake import CONTRACTS, TRANSFORMS, SmallLake, build, failed, line, rows

DAILY = "marts.growth_daily"
DAY = {DAILY: "2011-01-05"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> DbtProject:
    """The product's own project."""
    return DbtProject(TRANSFORMS, tmp_path_factory.mktemp("dbt"), CONTRACTS)


@pytest.fixture(scope="module")
def two_steps(tmp_path_factory: pytest.TempPathFactory) -> DbtProject:
    """The project with a mart that reads another mart."""
    return changed_project(tmp_path_factory.mktemp("two"), add_monthly)


def test_the_pinned_version_is_read_and_not_the_newest(project: DbtProject, tmp_path: Path) -> None:
    lake = SmallLake(tmp_path / "lake")
    older = lake.add("events.order_line", [line("2011-01-04", amount="10.00")])
    newest = lake.add("events.order_line", [line("2011-01-05", amount="7.00")])
    assert older.snapshot_id != newest.snapshot_id
    pinned = type(newest)(newest.name, newest.metadata_location, older.snapshot_id)
    staging = tmp_path / "staging.duckdb"

    results = build(project, staging, [pinned], DAY)

    assert results[DAILY].passed
    assert rows(staging, "select sum(net_sales) from marts.growth_daily")[0][0] == 10


def test_only_the_models_of_the_named_mart_are_built(project: DbtProject, tmp_path: Path) -> None:
    table = SmallLake(tmp_path / "lake").add("events.order_line", [line("2011-01-04")])
    staging = tmp_path / "staging.duckdb"

    build(project, staging, [table], DAY)

    assert {name for (name,) in rows(staging, "select table_name from duckdb_tables()")} == {
        "growth_daily",
        "int_customer_day",
    }


def test_a_broken_row_fails_the_test_that_forbids_it(project: DbtProject, tmp_path: Path) -> None:
    cancelled_upwards = line("2011-01-04", amount="3.00", order="C2", is_cancellation=True)
    table = SmallLake(tmp_path / "lake").add("events.order_line", [line("2011-01-04"), cancelled_upwards])

    result = build(project, tmp_path / "staging.duckdb", [table], DAY)[DAILY]

    assert result.built
    assert not result.passed
    assert failed(result) == {"growth_daily_cancellations_only_lower_sales": ("error", 1)}


def test_a_row_that_breaks_the_contract_is_not_built_and_the_tests_behind_it_did_not_pass(
    project: DbtProject, tmp_path: Path
) -> None:
    table = SmallLake(tmp_path / "lake").add("events.order_line", [line("2011-01-04", currency=None)])

    result = build(project, tmp_path / "staging.duckdb", [table], DAY)[DAILY]

    assert not result.built
    assert not result.passed
    assert "growth_daily" in (result.error or "")
    assert "growth_daily_one_row_per_grain" in failed(result)


def test_a_mart_without_a_test_does_not_pass(tmp_path: Path) -> None:
    untested = MONTHLY_YML.partition("    data_tests:")[0]
    project = changed_project(tmp_path, lambda copy: add_monthly(copy, declared=untested))
    table = SmallLake(tmp_path / "lake").add("events.order_line", [line("2011-01-04")])
    days = {**DAY, "marts.growth_monthly": "2011-01-05"}

    results = build(project, tmp_path / "staging.duckdb", [table], days)

    assert results[DAILY].passed
    assert results["marts.growth_monthly"].built
    assert not results["marts.growth_monthly"].passed
    assert "no test" in (results["marts.growth_monthly"].error or "")


def test_a_model_that_does_not_compile_does_not_pass_and_leaves_the_others_alone(tmp_path: Path) -> None:
    project = changed_project(
        tmp_path, lambda copy: add_monthly(copy, "select no_such_column from {{ ref('growth_daily') }}")
    )
    table = SmallLake(tmp_path / "lake").add("events.order_line", [line("2011-01-04")])
    days = {**DAY, "marts.growth_monthly": "2011-01-05"}

    results = build(project, tmp_path / "staging.duckdb", [table], days)

    assert results[DAILY].passed
    assert not results["marts.growth_monthly"].passed
    assert "no_such_column" in (results["marts.growth_monthly"].error or "")


def test_what_duckdb_quotes_of_the_rows_stays_in_dbts_log(tmp_path: Path) -> None:
    text = MONTHLY.replace("cast(date_trunc('month', day) as date)", "cast('account ' || day as date)")
    project = changed_project(tmp_path, lambda copy: add_monthly(copy, text))
    table = SmallLake(tmp_path / "lake").add("events.order_line", [line("2011-01-04")])
    days = {**DAY, "marts.growth_monthly": "2011-01-05"}

    result = build(project, tmp_path / "staging.duckdb", [table], days)["marts.growth_monthly"]

    assert "Conversion Error" in (result.error or "")
    assert "account 2011-01-04" not in str(result)
    assert "account 2011-01-04" in (project.work / "logs" / "dbt.log").read_text()


def test_rows_of_another_type_than_the_contract_says_are_not_built(tmp_path: Path) -> None:
    yml = "models/marts/growth/growth_daily.yml"
    project = changed_project(tmp_path, lambda copy: replace(copy, yml, "decimal(18,4)", "decimal(18,2)"))
    table = SmallLake(tmp_path / "lake").add("events.order_line", [line("2011-01-04")])

    result = build(project, tmp_path / "staging.duckdb", [table], DAY)[DAILY]

    assert not result.built
    assert not result.passed
    assert "contract" in (result.error or "")


def test_a_project_that_dbt_cannot_read_passes_nothing(tmp_path: Path) -> None:
    broken = changed_project(tmp_path, lambda copy: add_monthly(copy, "{% if %}"))

    result = build(broken, tmp_path / "staging.duckdb", [], DAY)[DAILY]

    assert not result.passed
    assert "growth_monthly" in (result.error or "")


def test_a_crash_of_dbt_passes_nothing(project: DbtProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = SmallLake(tmp_path / "lake").add("events.order_line", [line("2011-01-04")])
    project.marts()

    def crash(*_: object, **__: object) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr("dbt.cli.main.dbtRunner.invoke", crash)
    result = build(project, tmp_path / "staging.duckdb", [table], DAY)[DAILY]

    assert not result.passed
    assert result.error == "RuntimeError: see the log."


def test_dbts_own_parsed_form_only_saves_time(
    project: DbtProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = SmallLake(tmp_path / "lake").add("events.order_line", [line("2011-01-04")])
    monkeypatch.setattr(dbt_run, "PARSED", "no-such-file")

    assert build(project, tmp_path / "staging.duckdb", [table], DAY)[DAILY].passed


def test_an_input_that_was_not_pinned_builds_nothing(project: DbtProject, tmp_path: Path) -> None:
    days = {**DAY, "marts.source_balance": None}
    table = SmallLake(tmp_path / "lake").add("events.order_line", [line("2011-01-04")])

    results = build(project, tmp_path / "staging.duckdb", [table], days)

    assert results[DAILY].passed
    assert not results["marts.source_balance"].passed
    assert "raw.objects, raw.retail_export" in (results["marts.source_balance"].error or "")


def test_a_published_mart_is_an_input_like_any_other(two_steps: DbtProject, tmp_path: Path) -> None:
    lake = SmallLake(tmp_path / "lake")
    days = [{"day": date(2011, 1, 4), "net_sales": Decimal(5)}, {"day": date(2011, 1, 9), "net_sales": Decimal(6)}]
    published = lake.add(DAILY, days)
    staging = tmp_path / "staging.duckdb"

    result = build(two_steps, staging, [], {"marts.growth_monthly": None}, mart_tables=[published])

    assert result["marts.growth_monthly"].passed
    assert rows(staging, "select cast(net_sales as integer) from marts.growth_monthly") == [(11,)]


def test_a_mart_is_built_on_the_one_that_is_built_with_it(two_steps: DbtProject, tmp_path: Path) -> None:
    table = SmallLake(tmp_path / "lake").add("events.order_line", [line("2011-01-04"), line("2011-01-05")])
    staging = tmp_path / "staging.duckdb"

    results = build(two_steps, staging, [table], {"marts.growth_monthly": None, DAILY: None})

    assert list(results) == ["marts.growth_monthly", DAILY]
    assert all(result.passed for result in results.values())
    assert rows(staging, "select cast(net_sales as integer) from marts.growth_monthly") == [(20,)]


def test_a_mart_behind_one_that_failed_does_not_pass(two_steps: DbtProject, tmp_path: Path) -> None:
    cancelled_upwards = line("2011-01-04", amount="3.00", order="C2", is_cancellation=True)
    table = SmallLake(tmp_path / "lake").add("events.order_line", [line("2011-01-04"), cancelled_upwards])
    days = {**DAY, "marts.growth_monthly": "2011-01-05"}

    results = build(two_steps, tmp_path / "staging.duckdb", [table], days)

    assert [result.passed for result in results.values()] == [False, False]


def test_the_staging_file_of_a_killed_build_is_replaced(project: DbtProject, tmp_path: Path) -> None:
    table = SmallLake(tmp_path / "lake").add("events.order_line", [line("2011-01-04")])
    staging = tmp_path / "staging.duckdb"
    staging.write_bytes(b"half a file")

    assert build(project, staging, [table], DAY)[DAILY].passed


def test_after_a_build_the_staging_file_is_free_and_nothing_was_printed(
    project: DbtProject, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    table = SmallLake(tmp_path / "lake").add("events.order_line", [line("2011-01-04")])
    staging = tmp_path / "run.1-a.growth.duckdb"

    build(project, staging, [table], DAY)

    script = f"import duckdb; duckdb.connect({str(staging)!r}).execute('drop table marts.growth_daily')"
    subprocess.run([sys.executable, "-c", script], check=True)
    assert capfd.readouterr() == ("", "")
    assert {path.name for path in tmp_path.iterdir()} == {"lake", staging.name}


def test_a_mart_that_does_not_exist_or_has_no_day_is_the_callers_mistake(project: DbtProject, tmp_path: Path) -> None:
    with pytest.raises(GuanxiError, match=r"marts\.growth_hourly: no such mart"):
        build(project, tmp_path / "staging.duckdb", [], {"marts.growth_hourly": None})
    with pytest.raises(GuanxiError, match="no complete_through"):
        project.build([DAILY], staging=tmp_path / "staging.duckdb", inputs=[], complete_through={})
