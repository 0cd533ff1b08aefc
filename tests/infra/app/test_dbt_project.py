"""The dbt project seen from outside: what it assembles, what its marts read, and when a mart passes."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.app import dbt_run
from infra.app.dbt_project import DbtError, DbtProject
from infra.lake.errors import GuanxiError
from tests.transforms.small_lake import CONTRACTS, TRANSFORMS, Contract, Feed, SmallLake, build, failed, line, rows

DAILY = "marts.growth_daily"
DAY = {DAILY: "2011-01-05"}
MONTHLY = """
-- One row per month: net sales.
select
    cast(date_trunc('month', day) as date) as month,
    sum(net_sales) as net_sales
from {{ ref('growth_daily') }}
group by 1
"""
MONTHLY_YML = """
models:
  - name: growth_monthly
    description: One row per month with its net sales.
    columns:
      - {name: month, data_type: date}
      - {name: net_sales, data_type: "decimal(38,4)"}
    data_tests:
      - unique_rows:
          name: growth_monthly_one_row_per_month
          arguments: {columns: [month]}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> DbtProject:
    """The product's own project."""
    return DbtProject(TRANSFORMS, tmp_path_factory.mktemp("dbt"), CONTRACTS)


@pytest.fixture(scope="module")
def two_steps(tmp_path_factory: pytest.TempPathFactory) -> DbtProject:
    """The project with a mart that reads another mart."""
    return changed_project(tmp_path_factory.mktemp("two"), add_monthly)


def changed_project(folder: Path, change: Callable[[Path], Any]) -> DbtProject:
    """A copy of the project with a change."""
    copy = folder / "transforms"
    shutil.copytree(TRANSFORMS, copy)
    change(copy)
    return DbtProject(copy, folder / "dbt", CONTRACTS)


def add_monthly(copy: Path, text: str = MONTHLY, declared: str = MONTHLY_YML) -> None:
    (copy / "models/marts/growth/growth_monthly.sql").write_text(text)
    (copy / "models/marts/growth/growth_monthly.yml").write_text(declared)


def replace(copy: Path, file: str, old: str, new: str) -> None:
    path = copy / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def codes(project: DbtProject) -> dict[str, str]:
    return {mart.name: mart.code for mart in project.marts()}


# What is assembled and read


def test_assembly_declares_the_lake_tables_and_the_variables_about_sources(project: DbtProject) -> None:
    folder = project.assemble()

    sources = yaml.safe_load((folder / "models/lake_sources.yml").read_text())["sources"]
    assert {source["name"]: [table["name"] for table in source["tables"]] for source in sources} == {
        "events": ["order_line"],
        "raw": ["objects", "retail_export"],
    }
    variables = yaml.safe_load((folder / "dbt_project.yml").read_text())["vars"]
    assert variables["raw_sources"] == [{"name": "retail_export", "targets": ["order_line"]}]
    assert variables["event_tables"] == ["order_line"]
    assert variables["identity_window_days"] == {"order_line": 1}


def test_the_delivered_columns_of_a_raw_source_are_not_passed_off_as_those_of_its_table(project: DbtProject) -> None:
    sources = yaml.safe_load((project.assemble() / "models/lake_sources.yml").read_text())["sources"]
    columns = {table["name"]: table["columns"] for source in sources for table in source["tables"]}

    assert columns["retail_export"] == []
    assert columns["order_line"] == [{"name": "day", "description": "Business day."}]


def test_the_same_content_is_assembled_once_and_another_content_elsewhere(tmp_path: Path) -> None:
    first = DbtProject(TRANSFORMS, tmp_path, CONTRACTS).assemble()
    marker = first / "models" / "untouched"
    marker.touch()

    assert DbtProject(TRANSFORMS, tmp_path, CONTRACTS).assemble() == first
    assert marker.exists()
    assert DbtProject(TRANSFORMS, tmp_path, {}).assemble() != first


def test_a_mart_names_the_datasets_it_reads_through_every_model(project: DbtProject) -> None:
    marts = {mart.name: mart for mart in project.marts()}

    assert {name: mart.inputs for name, mart in marts.items()} == {
        "marts.growth_daily": ("events.order_line",),
        "marts.repeat_purchase": ("events.order_line",),
        "marts.retention_cohort": ("events.order_line",),
        "marts.source_balance": ("events.order_line", "raw.objects", "raw.retail_export"),
    }
    assert marts["marts.source_balance"].domain == "stability"
    assert marts[DAILY].grain == ("day", "source", "currency")
    assert marts[DAILY].columns["net_sales"] == "decimal(18,4)"
    assert marts[DAILY].description.startswith("One row per business day, source and currency")


def test_a_mart_of_a_mart_reads_that_mart_and_comes_after_it(two_steps: DbtProject) -> None:
    names = [mart.name for mart in two_steps.marts()]
    inputs = {mart.name: mart.inputs for mart in two_steps.marts()}

    assert inputs["marts.growth_monthly"] == (DAILY,)
    assert names.index(DAILY) < names.index("marts.growth_monthly")


def test_what_was_read_once_is_read_again_without_dbt(project: DbtProject) -> None:
    project.marts()
    script = f"""
import sys
from pathlib import Path
from infra.app.dbt_project import DbtProject
from tests.transforms.small_lake import CONTRACTS
marts = DbtProject(Path({str(TRANSFORMS)!r}), Path({str(project.work)!r}), CONTRACTS).marts()
print(len(marts), "dbt" in sys.modules)
"""
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout

    assert output.split() == ["4", "False"]


def test_a_project_that_dbt_cannot_read_says_where_and_why(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    broken = changed_project(tmp_path, lambda copy: add_monthly(copy, "select * from {{ ref('no_such_model') }}"))

    with pytest.raises(DbtError, match="no_such_model"):
        broken.marts()
    assert capfd.readouterr().out == ""


# The code hash


def test_comments_blank_space_and_descriptions_are_no_change_of_code(project: DbtProject, tmp_path: Path) -> None:
    def rewrite(copy: Path) -> None:
        daily = "models/marts/growth/growth_daily"
        replace(copy, f"{daily}.sql", "with sales as (", "-- other words\nwith   sales\n  as ( /* and more */")
        replace(copy, f"{daily}.sql", "left join customers", "{# a thought #}left join customers")
        replace(copy, f"{daily}.yml", "Business day in the source's market zone.", "The day.")
        replace(copy, "models/intermediate/int_customer_day.sql", "select distinct", "select\n        distinct")
        replace(copy, "models/intermediate/int_customer_day.yml", "One row per day", "One row per business day")
        replace(copy, "macros/complete_through.sql", "{#- The last", "{#- This is the last")

    assert codes(changed_project(tmp_path, rewrite)) == codes(project)


@pytest.mark.parametrize(
    ("file", "old", "new", "touched"),
    [
        pytest.param(
            "models/marts/growth/growth_daily.sql",
            "count(distinct order_id)",
            "count(order_id)",
            {"marts.growth_daily"},
            id="the model's own SQL",
        ),
        pytest.param(
            "models/intermediate/int_customer_day.sql",
            "account_id is not null",
            "account_id != ''",
            {"marts.growth_daily", "marts.retention_cohort", "marts.repeat_purchase"},
            id="a model it reads through another",
        ),
        pytest.param(
            "macros/within_identity_window.sql",
            "when true then 0",
            "when true then 1",
            {"marts.source_balance"},
            id="a macro of a model it reads",
        ),
        pytest.param(
            "tests/generic/holds.sql",
            "is not true",
            "is false",
            {"marts.growth_daily", "marts.retention_cohort", "marts.repeat_purchase", "marts.source_balance"},
            id="a macro of its tests",
        ),
        pytest.param(
            "models/marts/growth/growth_daily.yml",
            "condition: net_sales <= gross_sales",
            "condition: net_sales < gross_sales",
            {"marts.growth_daily"},
            id="an argument of a test",
        ),
        pytest.param(
            "models/marts/stability/source_balance.yml",
            "severity: warn",
            "severity: error",
            {"marts.source_balance"},
            id="the severity of a test",
        ),
        pytest.param(
            "models/marts/growth/repeat_purchase.yml",
            "median_days_to_second: 30.0",
            "median_days_to_second: 31.0",
            {"marts.repeat_purchase"},
            id="an expectation of a unit test",
        ),
        pytest.param(
            "dbt_project.yml",
            "lake_reader: []",
            "lake_reader: [other]",
            set(),
            id="a variable that none of its models uses",
        ),
    ],
)
def test_what_a_mart_depends_on_changes_its_code_and_no_other(
    project: DbtProject, tmp_path: Path, file: str, old: str, new: str, touched: set[str]
) -> None:
    changed = codes(changed_project(tmp_path, lambda copy: replace(copy, file, old, new)))

    before = codes(project)
    assert {name for name, code in changed.items() if code != before[name]} == touched


def test_another_identity_window_changes_the_code_of_the_mart_that_judges_identities(
    project: DbtProject, tmp_path: Path
) -> None:
    wider = Contract("events", "order_line", parameters={"identity_window_days": 2})

    changed = codes(DbtProject(TRANSFORMS, tmp_path, {**CONTRACTS, wider.name: wider}))

    before = codes(project)
    assert {name for name, code in changed.items() if code != before[name]} == {"marts.source_balance"}


def test_a_new_source_changes_the_code_of_the_mart_that_reads_every_source(project: DbtProject, tmp_path: Path) -> None:
    contracts = {**CONTRACTS, "raw.live_feed": Contract("raw", "live_feed", Feed(("events.order_line",)))}

    grown = codes(DbtProject(TRANSFORMS, tmp_path, contracts))

    before = codes(project)
    assert {name for name, code in grown.items() if code != before[name]} == {"marts.source_balance"}


# Building


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


def test_a_failing_unit_test_stops_the_mart(tmp_path: Path) -> None:
    yml = "models/marts/growth/growth_daily.yml"
    project = changed_project(tmp_path, lambda copy: replace(copy, yml, "gross_sales: 13.7501", "gross_sales: 13.75"))
    table = SmallLake(tmp_path / "lake").add("events.order_line", [line("2011-01-04")])

    result = build(project, tmp_path / "staging.duckdb", [table], DAY)[DAILY]

    assert not result.built
    assert not result.passed
    assert "growth_daily_counts_customers_orders_and_money" in (result.error or "")


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
    assert "out of order" in (result.error or "")


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


def test_the_documentation_is_one_page_that_loads_nothing(project: DbtProject, tmp_path: Path) -> None:
    project.docs(tmp_path / "docs")

    page = (tmp_path / "docs" / "index.html").read_text()
    assert "Days after `complete_through` are there and may still grow" in page
    assert 'src="http' not in page
