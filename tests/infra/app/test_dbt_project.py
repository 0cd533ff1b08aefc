"""The dbt project seen from outside: what it assembles, what its marts read, and what changes their code."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from infra.app.dbt_project import DbtError, DbtProject
from tests.infra.app.changed_project import add_monthly, changed_project, replace
from tests.transforms.small_lake import CONTRACTS, TRANSFORMS, Contract, Feed

DAILY = "marts.growth_daily"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> DbtProject:
    """The product's own project."""
    return DbtProject(TRANSFORMS, tmp_path_factory.mktemp("dbt"), CONTRACTS)


@pytest.fixture(scope="module")
def two_steps(tmp_path_factory: pytest.TempPathFactory) -> DbtProject:
    """The project with a mart that reads another mart."""
    return changed_project(tmp_path_factory.mktemp("two"), add_monthly)


def codes(project: DbtProject) -> dict[str, str]:
    return {mart.name: mart.code for mart in project.marts()}


def differing(after: dict[str, str], before: dict[str, str]) -> set[str]:
    return {name for name, code in after.items() if code != before[name]}


def test_assembly_declares_the_lake_tables_and_the_variables_about_sources(project: DbtProject) -> None:
    folder = project.assemble()

    sources = yaml.safe_load((folder / "models/lake_sources.yml").read_text())["sources"]
    assert {source["name"]: [table["name"] for table in source["tables"]] for source in sources} == {
        "events": ["order_line"],
        "features": ["session"],
        "raw": ["objects", "retail_export"],
    }
    variables = yaml.safe_load((folder / "dbt_project.yml").read_text())["vars"]
    said = {"name": "retail_export", "targets": ["order_line"], "timezone": "Europe/London"}
    assert variables["raw_sources"] == [said]
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
        "marts.sessions_daily": ("features.session",),
        "marts.source_balance": ("events.order_line", "raw.objects", "raw.retail_export"),
        "marts.source_lateness": ("raw.retail_export",),
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

    assert output.split() == ["6", "False"]


def test_a_project_that_dbt_cannot_read_says_where_and_why(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    broken = changed_project(tmp_path, lambda copy: add_monthly(copy, "select * from {{ ref('no_such_model') }}"))

    with pytest.raises(DbtError, match="no_such_model"):
        broken.marts()
    assert capfd.readouterr().out == ""


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


def test_other_sql_is_a_change_of_the_code_of_that_mart_alone(project: DbtProject, tmp_path: Path) -> None:
    sql = "models/marts/growth/growth_daily.sql"

    changed = codes(
        changed_project(tmp_path, lambda copy: replace(copy, sql, "count(distinct order_id)", "count(order_id)"))
    )

    assert differing(changed, codes(project)) == {DAILY}


def test_another_identity_window_changes_the_code_of_the_marts_that_judge_identities(
    project: DbtProject, tmp_path: Path
) -> None:
    wider = Contract("events", "order_line", parameters={"identity_window_days": 2})

    changed = codes(DbtProject(TRANSFORMS, tmp_path, {**CONTRACTS, wider.name: wider}))

    assert differing(changed, codes(project)) == {"marts.source_balance", "marts.source_lateness"}


def test_a_new_source_changes_the_code_of_the_marts_that_read_every_source(project: DbtProject, tmp_path: Path) -> None:
    contracts = {**CONTRACTS, "raw.live_feed": Contract("raw", "live_feed", Feed(("events.order_line",)))}

    grown = codes(DbtProject(TRANSFORMS, tmp_path, contracts))

    assert differing(grown, codes(project)) == {"marts.source_balance", "marts.source_lateness"}


def test_the_documentation_is_one_page_that_loads_nothing(project: DbtProject, tmp_path: Path) -> None:
    project.docs(tmp_path / "docs")

    page = (tmp_path / "docs" / "index.html").read_text()
    assert "Days after `complete_through` are there and may still grow" in page
    assert 'src="http' not in page
