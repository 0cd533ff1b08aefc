"""What dbt's manifest says of each mart: what its code hash covers, and which tests gate it."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from infra.app.dbt_meaning import words
from infra.app.dbt_plan import MartPlan, read_plans
from infra.app.dbt_project import DbtProject
from infra.lake.errors import GuanxiError
from tests.transforms.small_lake import CONTRACTS, TRANSFORMS

Manifest = dict[str, Any]
VARIABLES = {"raw_sources": ["retail_export"], "event_tables": ["order_line"], "lake_reader": []}
GROWTH = {"marts.growth_daily", "marts.retention_cohort", "marts.repeat_purchase"}
RECORDS = {"marts.source_balance", "marts.source_lateness"}
ALL = GROWTH | RECORDS | {"marts.sessions_daily"}


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """The manifest that dbt wrote of the product's own project."""
    work = tmp_path_factory.mktemp("dbt")
    DbtProject(TRANSFORMS, work, CONTRACTS).marts()
    (file,) = work.glob("parsed/*/manifest.json")
    content: Manifest = json.loads(file.read_text())
    return content


def plans(manifest: Manifest, variables: dict[str, Any] | None = None) -> dict[str, MartPlan]:
    return {plan.spec.name: plan for plan in read_plans(manifest, variables or VARIABLES)}


def touched(before: Manifest, change: Callable[[Manifest], Any]) -> set[str]:
    """Marts whose code is another after the change."""
    after = copy.deepcopy(before)
    change(after)
    old = plans(before)
    return {name for name, plan in plans(after).items() if plan.spec.code != old[name].spec.code}


def node_named(manifest: Manifest, name: str) -> Any:
    return next(node for node in manifest["nodes"].values() if node["name"] == name)


def edit(node: dict[str, Any], key: str, old: str, new: str) -> None:
    assert old in node[key]
    node[key] = node[key].replace(old, new)


@pytest.mark.parametrize(
    ("change", "marts"),
    [
        pytest.param(
            lambda m: edit(m["nodes"]["model.guanxi.int_customer_day"], "raw_code", "is not null", "!= ''"),
            GROWTH,
            id="a model that it reads through another",
        ),
        pytest.param(
            lambda m: edit(m["macros"]["macro.guanxi.within_identity_window"], "macro_sql", "preceding", "following"),
            RECORDS,
            id="a macro of a model that it reads",
        ),
        pytest.param(
            lambda m: edit(m["macros"]["macro.guanxi.complete_through"], "macro_sql", "as date", "as timestamp"),
            ALL,
            id="its own macro",
        ),
        pytest.param(
            lambda m: edit(m["macros"]["macro.guanxi.test_holds"], "macro_sql", "is not true", "is false"),
            ALL,
            id="the macro of a test",
        ),
        pytest.param(
            lambda m: edit(
                node_named(m, "growth_daily_cancellations_only_lower_sales")["test_metadata"]["kwargs"],
                "condition",
                "<=",
                "<",
            ),
            {"marts.growth_daily"},
            id="an argument of a test",
        ),
        pytest.param(
            lambda m: node_named(m, "source_balance_every_object_balances")["config"].update(severity="error"),
            {"marts.source_balance"},
            id="the severity of a test",
        ),
        pytest.param(
            lambda m: edit(
                node_named(m, "growth_daily_keeps_every_amount"), "raw_code", "distinct from", "distinct  from"
            ),
            set(),
            id="blank space in a test",
        ),
        pytest.param(
            lambda m: m["unit_tests"]["unit_test.guanxi.repeat_purchase.repeat_purchase_says_share_and_median"][
                "expect"
            ]["rows"][0].update(customers=5),
            {"marts.repeat_purchase"},
            id="the expectation of a unit test",
        ),
        pytest.param(
            lambda m: m["nodes"]["model.guanxi.growth_daily"]["columns"]["orders"].update(data_type="integer"),
            {"marts.growth_daily"},
            id="a type in the contract",
        ),
        pytest.param(
            lambda m: m["nodes"]["model.guanxi.growth_daily"]["columns"]["orders"].update(description="Orders."),
            set(),
            id="a description",
        ),
        pytest.param(
            lambda m: m["nodes"]["model.guanxi.int_customer_day"]["unrendered_config"].update(materialized="view"),
            GROWTH,
            id="the configuration of a model that it reads",
        ),
        pytest.param(
            lambda m: m["nodes"]["model.guanxi.growth_daily"].update(original_file_path="elsewhere.sql", created_at=0),
            set(),
            id="where and when the model was written",
        ),
    ],
)
def test_the_code_of_a_mart_covers_all_it_depends_on_and_no_more(
    manifest: Manifest, change: Callable[[Manifest], Any], marts: set[str]
) -> None:
    assert touched(manifest, change) == marts


def test_a_variable_counts_for_the_marts_that_use_it(manifest: Manifest) -> None:
    before = plans(manifest)

    grown = plans(manifest, {**VARIABLES, "event_tables": ["order_line", "refund"]})
    moved = plans(manifest, {**VARIABLES, "lake_reader": ["another place"]})

    assert {name for name in ALL if grown[name].spec.code != before[name].spec.code} == {"marts.source_balance"}
    assert {name for name in ALL if moved[name].spec.code != before[name].spec.code} == set()


def test_a_mart_is_gated_by_its_own_tests_and_those_of_the_models_behind_it(manifest: Manifest) -> None:
    checks = {name: {check.name for check in plan.checks} for name, plan in plans(manifest).items()}

    assert "growth_daily_keeps_every_amount" in checks["marts.growth_daily"]
    assert "int_customer_day_is_first_once_in_a_namespace" in checks["marts.growth_daily"]
    assert "int_customer_day_is_first_once_in_a_namespace" in checks["marts.repeat_purchase"]
    # It reads a model that this mart reads too, but it is about another mart.
    assert "growth_daily_keeps_every_amount" not in checks["marts.repeat_purchase"]
    assert "int_record_fate_of_every_kind" not in checks["marts.growth_daily"]


def test_a_test_that_compares_two_unrelated_marts_is_refused(manifest: Manifest) -> None:
    astray = copy.deepcopy(manifest)
    node_named(astray, "growth_daily_keeps_every_amount")["depends_on"]["nodes"].append("model.guanxi.repeat_purchase")

    with pytest.raises(GuanxiError, match="growth_daily and repeat_purchase"):
        plans(astray)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("select  a,b\n from t", "select a, b from t"),
        ("select a -- why\nfrom t", "select a from t"),
        ("select a /* why\n not */ from t", "select a from t"),
        ("{# why #}select {{ f( 'x' ) }}", "select {{f('x')}}"),
        ("select 'it''s -- no comment'", "select   'it''s -- no comment'"),
    ],
)
def test_the_same_words_mean_the_same(text: str, same: str) -> None:
    assert words(text) == words(same)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("select 'a b'", "select 'a  b'"),
        ("select '--a'", "select '--b'"),
        ("a {{ b }}", "a {{- b }}"),
        ("select 1.5", "select 1 .5"),
        ("select a", "select A"),
    ],
)
def test_other_words_mean_something_else(text: str, other: str) -> None:
    assert words(text) != words(other)
