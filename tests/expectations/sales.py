"""A contract with one rule of each kind, rows that keep them all, and for each rule the rows that break just that."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from expectations.contract import Contract
from expectations.gate import CheckResult, evaluate, to_pandas
from tests.expectations.contract_files import ACCOUNT, DAY, amount, column, contract, expectation, feature, key, library

SALES = pa.schema(
    [
        ("day", pa.date32()),
        ("account_id", pa.string()),
        ("amount", pa.decimal128(18, 4)),
        ("units", pa.int64()),
        ("currency", pa.string()),
        ("kind", pa.string()),
        ("at", pa.timestamp("us", tz="UTC")),
    ]
)


NOON = datetime(2011, 1, 4, 12, tzinfo=UTC)


def sale(account: str | None, **changes: Any) -> dict[str, Any]:
    """A row that keeps every rule, for one account, with some columns changed."""
    row = {
        "day": date(2011, 1, 4),
        "amount": Decimal("12.5000"),
        "units": 3,
        "currency": "GBP",
        "kind": "sale",
        "at": NOON,
    }
    return {**row, "account_id": account, **changes}


def sales_contract(folder: Path) -> Contract:
    """The contract: one row for each day and account, with one rule of each kind."""
    since = {"kind": "expect_column_values_to_be_between", "min_value": "2010-12-01"}
    lower_case = library("invalidValues", name="account_id is lower case", mustBe=0, arguments={"pattern": "^[a-z]+$"})
    currencies = library("invalidValues", name="currency is known", mustBe=0, arguments={"validValues": ["GBP", "EUR"]})
    sales_only = expectation("expect_column_values_to_be_in_set", "warning", "kind is mostly sale", value_set=["sale"])
    columns = [
        key({**DAY, "quality": [expectation(name="day since opening", **since)]}, 1),
        key({**ACCOUNT, "logicalTypeOptions": {"minLength": 1, "maxLength": 4}, "quality": [lower_case]}, 2),
        amount(required=True, logicalTypeOptions={"minimum": 0.01}),
        column("units", "integer", logicalTypeOptions={"exclusiveMaximum": 100}),
        column("currency", quality=[currencies]),
        column("kind", quality=[sales_only]),
        column("at", "timestamp", quality=[expectation(name="at since opening", **since)]),
    ]
    rules = [library("rowCount", name="between 1 and 5 rows", mustBeBetween=[1, 5])]
    return contract(folder, feature(rules, columns))


RULES: dict[str, list[dict[str, Any]]] = {
    "between 1 and 5 rows": [sale("d"), sale("e"), sale("f")],
    "day must be filled (primary key)": [sale("d", day=None)],
    "account_id must be filled (primary key)": [sale(None)],
    "day, account_id must be unique together (primary key)": [sale("a")],
    "day since opening": [sale("d", day=date(2010, 11, 30))],
    "account_id length must be between 1 and 4": [sale("abcde")],
    "amount must be filled": [sale("d", amount=None)],
    "amount must be at least 0.01": [sale("d", amount=Decimal("0.0099"))],
    "units must be strictly less than 100": [sale("d", units=100)],
    "currency is known": [sale("d", currency="USD")],
    "kind is mostly sale": [sale("d", kind="gift")],
    "at since opening": [sale("d", at=datetime(2010, 11, 30, 23, 59, 59, tzinfo=UTC))],
    "account_id is lower case": [sale("A")],
}


GOOD = [sale("a"), sale("b", amount=Decimal("0.0100")), sale("c", kind=None)]


def frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows as the gate gets them from a table."""
    return to_pandas(pa.Table.from_pylist(rows, schema=SALES))


def on_pandas(of: Contract, rows: list[dict[str, Any]], **more: Any) -> list[CheckResult]:
    """What the gate says on pandas."""
    return evaluate(of, frame(rows), engine="pandas", **more)


def broken(results: list[CheckResult]) -> list[str]:
    """Names of the rules that are broken."""
    return [result.name for result in results if not result.passed]
