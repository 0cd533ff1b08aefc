"""Whatever is in doubt closes the gate: no rows, a crash, nothing evaluated."""

from pathlib import Path

import pandas as pd
import pytest

from expectations.contract import ContractError
from expectations.gate import CheckResult, evaluate
from tests.expectations.contract_files import (
    Changes,
    contract,
    expectation,
    feature,
    feed,
    library,
)
from tests.expectations.sales import GOOD, broken, on_pandas, sales_contract

pytestmark = pytest.mark.usefixtures("quality_engine")


@pytest.mark.fault(13, how="no rows where the contract wants some", part=True)
def test_no_rows_fail_where_rows_must_be(tmp_path: Path) -> None:
    assert on_pandas(sales_contract(tmp_path), []) == [CheckResult("rows_present", None, "critical", False, "0 rows")]


def test_no_rows_are_reported_where_rows_should_be(tmp_path: Path) -> None:
    of = contract(tmp_path, feature([library("rowCount", "warning", mustBeGreaterThan=0)]))

    assert on_pandas(of, []) == [CheckResult("rows_present", None, "warning", False, "0 rows")]


@pytest.mark.parametrize("rules", [[], [library("rowCount", mustBeLessThan=9)]])
def test_no_rows_pass_where_none_need_be(tmp_path: Path, rules: list[Changes]) -> None:
    assert broken(on_pandas(contract(tmp_path, feature(rules)), [])) == []


def test_a_rule_the_engine_crashes_on_is_broken_and_the_others_are_judged(tmp_path: Path) -> None:
    rule = expectation(
        "expect_column_values_to_be_between", "warning", "account within", column="account_id", min_value=0
    )
    of = contract(tmp_path, feature([rule]))

    results = evaluate(
        of, pd.DataFrame({"day": [1], "account_id": ["eve@example.org"], "amount": [1]}), engine="pandas"
    )

    assert [result for result in results if not result.passed] == [
        CheckResult("account within", "account_id", "critical", False, "crashed with TypeError")
    ]


@pytest.mark.fault(37, how="Great Expectations raises", part=True)
def test_a_crash_of_the_whole_engine_fails_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import great_expectations as gx

    def crash(*_: object, **__: object) -> None:
        raise RuntimeError("row eve@example.org is in the way")

    monkeypatch.setattr(gx.ValidationDefinition, "run", crash)

    results = on_pandas(sales_contract(tmp_path), GOOD)

    assert results == [
        CheckResult("quality engine ran to its end", None, "critical", False, "crashed with RuntimeError")
    ]


def test_rows_the_engine_cannot_read_fail_closed(tmp_path: Path) -> None:
    results = evaluate(sales_contract(tmp_path), ["no frame"], engine="pandas")  # type: ignore[arg-type]

    assert [result.closes_gate for result in results] == [True]


@pytest.mark.fault(37, how="Great Expectations says nothing", part=True)
def test_an_engine_that_evaluates_nothing_fails_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import great_expectations as gx

    class Nothing:
        results: tuple[()] = ()

    monkeypatch.setattr(gx.ValidationDefinition, "run", lambda *_, **__: Nothing())

    (result,) = on_pandas(sales_contract(tmp_path), GOOD)

    assert result.closes_gate
    assert result.observed.startswith("0 of ")


def test_a_contract_with_nothing_to_check_by_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="there is nothing to check"):
        on_pandas(contract(tmp_path, feed()), GOOD)
