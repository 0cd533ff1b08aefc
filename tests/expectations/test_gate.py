"""The gate on pandas: each rule can fail alone."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from expectations import gate
from expectations.gate import CheckResult, evaluate, to_pandas
from tests.expectations.contract_files import (
    DAY,
    column,
    contract,
    expectation,
    feature,
    key,
)
from tests.expectations.sales import GOOD, RULES, SALES, broken, frame, on_pandas, sale, sales_contract

pytestmark = pytest.mark.usefixtures("quality_engine")


def test_rows_that_keep_every_rule_pass(tmp_path: Path) -> None:
    results = on_pandas(sales_contract(tmp_path), GOOD)

    assert broken(results) == []
    assert {result.severity for result in results} == {"critical", "warning"}


def test_results_of_columns_come_in_the_order_of_the_contract(tmp_path: Path) -> None:
    results = on_pandas(sales_contract(tmp_path), GOOD)

    columns = [result.column for result in results if result.column]
    assert columns == sorted(columns, key=SALES.names.index)


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_fails_alone(tmp_path: Path, rule: str) -> None:
    results = on_pandas(sales_contract(tmp_path), [*GOOD, *RULES[rule]])

    assert broken(results) == [rule]


def test_a_result_counts_the_rows_that_break_the_rule(tmp_path: Path) -> None:
    results = on_pandas(sales_contract(tmp_path), [*GOOD, sale("d", amount=Decimal("-0.0001"))])

    (one,) = [result for result in results if not result.passed]
    assert one == CheckResult(
        name="amount must be at least 0.01",
        column="amount",
        severity="critical",
        passed=False,
        observed="1 of 4 rows break the rule",
        unexpected_count=1,
        unexpected_percent=25.0,
    )
    assert one.closes_gate


def test_a_broken_warning_leaves_the_gate_open(tmp_path: Path) -> None:
    results = on_pandas(sales_contract(tmp_path), [*GOOD, sale("d", kind="gift")])

    assert broken(results) == ["kind is mostly sale"]
    assert not any(result.closes_gate for result in results)


def test_columns_that_came_and_went_are_named(tmp_path: Path) -> None:
    renamed = frame(GOOD).rename(columns={"kind": "sort"})

    results = evaluate(sales_contract(tmp_path), renamed, engine="pandas")

    observed = {result.name: result.observed for result in results if not result.passed}
    assert observed == {
        "spend must contain exactly the contracted columns": "unexpected: sort; missing: kind",
        "kind is mostly sale": "there is no column kind",
    }


def test_structs_and_instants_can_be_gated(tmp_path: Path) -> None:
    at = column(
        "at", "timestamp", quality=[expectation("expect_column_values_to_be_between", min_value="2010-12-01T00:00:00Z")]
    )
    of = contract(tmp_path, feature(columns=[key(DAY, 1), at, column("who", "object", properties=[column("id")])]))
    rows = [
        {"day": date(2011, 1, 4), "at": datetime(2011, 1, 4, tzinfo=UTC), "who": {"id": "x"}},
        {"day": date(2011, 1, 5), "at": datetime(2010, 11, 30, tzinfo=UTC), "who": None},
    ]

    results = evaluate(of, to_pandas(pa.Table.from_pylist(rows)), engine="pandas")

    assert [(result.column, result.unexpected_count) for result in results if not result.passed] == [("at", 1)]


def test_several_gates_at_once_say_what_each_says_alone(tmp_path: Path) -> None:
    contract = sales_contract(tmp_path)
    frames = [[*GOOD, *RULES[rule]] for rule in RULES]

    with ThreadPoolExecutor(4) as pool:
        at_once = list(pool.map(lambda rows: on_pandas(contract, rows), frames))

    assert at_once == [on_pandas(contract, rows) for rows in frames]


def test_the_library_works_for_one_gate_at_a_time_and_its_log_is_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract, level = sales_contract(tmp_path), logging.getLogger("great_expectations").level
    inside, most = [0], [0]

    def run(*_: Any) -> list[CheckResult]:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        time.sleep(0.02)
        inside[0] -= 1
        return []

    monkeypatch.setattr(gate, "_run", run)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: on_pandas(contract, GOOD), range(8)))

    assert most == [1]
    assert logging.getLogger("great_expectations").level == level
