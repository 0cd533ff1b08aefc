"""Contracts as suites: which checks come out of which promises."""

from pathlib import Path
from typing import Any

import pytest

from expectations.contract import ContractError
from expectations.suite import build_suite
from tests.expectations.contract_files import (
    ACCOUNT,
    DAY,
    Changes,
    amount,
    column,
    contract,
    document,
    expectation,
    feature,
    feed,
    key,
    library,
)

pytestmark = pytest.mark.usefixtures("quality_engine")

COLUMN_SET = "expect_table_columns_to_match_set"
NOT_NULL = "expect_column_values_to_not_be_null"
UNIQUE = "expect_column_values_to_be_unique"
TOGETHER = "expect_compound_columns_to_be_unique"
BETWEEN = "expect_column_values_to_be_between"
IN_SET = "expect_column_values_to_be_in_set"


def _checks(folder: Path, content: Changes, engine: Any = "pandas") -> dict[str, list[tuple[dict[str, Any], str]]]:
    """Kwargs and severity of every expectation by its type."""
    checks: dict[str, list[tuple[dict[str, Any], str]]] = {}
    for one in build_suite(contract(folder, content), engine=engine).expectations:
        configuration = one.configuration
        kwargs = {name: value for name, value in configuration.kwargs.items() if value is not None}
        checks.setdefault(configuration.type, []).append((kwargs, configuration.meta["severity"]))
    return checks


@pytest.mark.parametrize("engine", ["pandas", "spark"])
def test_a_contract_without_rules_is_checked_for_columns_and_key(tmp_path: Path, engine: str) -> None:
    assert _checks(tmp_path, feature(), engine) == {
        COLUMN_SET: [({"column_set": ["day", "account_id", "amount"]}, "critical")],
        NOT_NULL: [({"column": "day"}, "critical"), ({"column": "account_id"}, "critical")],
        TOGETHER: [({"column_list": ["day", "account_id"]}, "critical")],
    }


def test_a_key_of_one_column_is_unique_on_its_own(tmp_path: Path) -> None:
    checks = _checks(tmp_path, feature(columns=[key(DAY, 1), amount()]))

    assert checks[UNIQUE] == [({"column": "day"}, "critical")]
    assert TOGETHER not in checks


def test_a_unique_column_beside_a_key_of_several_stays_unique(tmp_path: Path) -> None:
    columns = [key(DAY, 1), key(ACCOUNT, 2), column("ticket", unique=True)]

    assert _checks(tmp_path, feature(columns=columns))[UNIQUE] == [({"column": "ticket"}, "critical")]


@pytest.mark.parametrize(
    ("bound", "least", "greatest"),
    [
        ({"mustBe": 3}, 3, 3),
        ({"mustBeGreaterThan": 0}, 1, None),
        ({"mustBeGreaterOrEqualTo": 2}, 2, None),
        ({"mustBeLessThan": 9}, None, 8),
        ({"mustBeLessOrEqualTo": 9}, None, 9),
        ({"mustBeBetween": [2, 9]}, 2, 9),
    ],
)
def test_row_counts_are_kept(tmp_path: Path, bound: Changes, least: int | None, greatest: int | None) -> None:
    checks = _checks(tmp_path, feature([library("rowCount", "warning", **bound)]))

    limits = {"min_value": least, "max_value": greatest}
    expected = {name: limit for name, limit in limits.items() if limit is not None}
    assert checks["expect_table_row_count_to_be_between"] == [(expected, "warning")]


def test_library_rules_keep_their_severity(tmp_path: Path) -> None:
    rules = [
        library("nullValues", "warning", mustBeLessOrEqualTo=5, unit="percent"),
        library("duplicateValues", "warning", mustBe=0),
        library("invalidValues", "warning", mustBe=0, arguments={"validValues": ["a", "b"]}),
        library("invalidValues", "warning", mustBe=0, arguments={"pattern": "^[ab]$"}),
    ]

    checks = _checks(tmp_path, document("features.spend", [key(DAY, 1), column("kind", quality=rules)]))

    assert checks[NOT_NULL][-1] == ({"column": "kind", "mostly": 0.95}, "warning")
    assert checks[UNIQUE][-1] == ({"column": "kind"}, "warning")
    assert checks[IN_SET] == [({"column": "kind", "value_set": ["a", "b"]}, "warning")]
    assert checks["expect_column_values_to_match_regex"] == [({"column": "kind", "regex": "^[ab]$"}, "warning")]


def test_columns_may_be_unique_together_beside_the_key(tmp_path: Path) -> None:
    rule = library("duplicateValues", mustBe=0, arguments={"properties": ["day", "amount"]})

    assert _checks(tmp_path, feature([rule]))[TOGETHER][-1] == ({"column_list": ["day", "amount"]}, "critical")


def test_limits_of_a_type_are_critical_and_rules_beside_them_are_not_lost(tmp_path: Path) -> None:
    rule = expectation(BETWEEN, "warning", min_value=0, max_value=100)
    columns = [key(DAY, 1), amount(logicalTypeOptions={"minimum": 0}, quality=[rule])]

    assert _checks(tmp_path, feature(columns=columns))[BETWEEN] == [
        ({"column": "amount", "min_value": 0}, "critical"),
        ({"column": "amount", "min_value": 0, "max_value": 100}, "warning"),
    ]


def test_a_rule_that_stands_twice_is_checked_once_and_as_severely_as_either(tmp_path: Path) -> None:
    rules = [expectation(NOT_NULL, "warning"), library("nullValues", "critical", mustBe=0)]
    columns = [key(DAY, 1), amount(quality=rules)]

    checks = _checks(tmp_path, feature(columns=columns))

    assert checks[NOT_NULL] == [({"column": "day"}, "critical"), ({"column": "amount"}, "critical")]


def test_a_warning_about_what_a_column_requires_anyway_does_not_soften_it(tmp_path: Path) -> None:
    columns = [key(DAY, 1), amount(required=True, quality=[library("nullValues", "warning", mustBe=0)])]

    assert _checks(tmp_path, feature(columns=columns))[NOT_NULL][-1] == ({"column": "amount"}, "critical")


def test_the_columns_of_a_feed_are_not_those_of_its_table(tmp_path: Path) -> None:
    rule = expectation("expect_column_values_to_be_null", "warning", column="reason", mostly=0.98)
    content = feed()
    content["schema"][0]["quality"] = [rule]

    assert _checks(tmp_path, content) == {
        "expect_column_values_to_be_null": [({"column": "reason", "mostly": 0.98}, "warning")]
    }


def test_a_contract_with_nothing_to_check_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"shop.odcs.yaml: quality: there is nothing to check. Add a quality rule"):
        build_suite(contract(tmp_path, feed()), engine="pandas")


@pytest.mark.parametrize(
    "rule",
    [expectation("expect_the_unexpected"), expectation(BETWEEN, column="amount", least=0), expectation(BETWEEN)],
    ids=["unknown expectation", "unknown argument", "missing argument"],
)
def test_a_rule_the_engine_does_not_understand_is_refused(tmp_path: Path, rule: Changes) -> None:
    with pytest.raises(ContractError, match="the quality engine does not understand"):
        build_suite(contract(tmp_path, feature([rule])), engine="pandas")
