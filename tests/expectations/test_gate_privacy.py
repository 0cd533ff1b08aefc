"""Results and logs of the gate carry no value of a column that is not public."""

import logging
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from tests.expectations.contract_files import (
    ACCOUNT,
    DAY,
    Changes,
    amount,
    contract,
    expectation,
    feature,
    feed,
    key,
)
from tests.expectations.sales import on_pandas, sale

pytestmark = pytest.mark.usefixtures("quality_engine")


def _aggregate(of: str, kind: str = "expect_column_max_to_be_between") -> Changes:
    return expectation(kind, "critical", f"greatest {of}", column=of, max_value=1)


def test_aggregates_of_public_columns_are_shown(tmp_path: Path) -> None:
    results = on_pandas(contract(tmp_path, feature([_aggregate("amount")])), [sale("a", amount=Decimal("7.5"))])

    assert [r.observed for r in results if r.name == "greatest amount"] == ["7.5"]


@pytest.mark.parametrize("classification", ["pseudonym", "personal"])
def test_aggregates_of_other_columns_are_withheld(tmp_path: Path, classification: str) -> None:
    columns = [key(DAY, 1), key(ACCOUNT, 2), amount(classification=classification)]
    of = contract(tmp_path, feature([_aggregate("amount")], columns=columns))

    results = on_pandas(of, [sale("a", amount=Decimal("7.5"))])

    assert [r.observed for r in results if r.name == "greatest amount"] == ["withheld, since the column is not public"]


def test_values_of_columns_the_contract_does_not_know_are_withheld(tmp_path: Path) -> None:
    content = feed()
    content["schema"][0]["quality"] = [_aggregate("amount")]

    (result,) = on_pandas(contract(tmp_path, content), [sale("a", amount=Decimal("7.5"))])

    assert not result.passed
    assert "7.5" not in result.observed


LEAKS: dict[str, Callable[[], Changes]] = {
    "values": lambda: expectation("expect_column_values_to_match_regex", column="account_id", regex="^x$"),
    "set": lambda: expectation("expect_column_distinct_values_to_be_in_set", column="account_id", value_set=["x"]),
    "comparison": lambda: expectation("expect_column_values_to_be_between", column="account_id", min_value=1),
    "greatest": lambda: expectation("expect_column_max_to_be_between", column="account_id", max_value=1),
    "common": lambda: expectation("expect_column_most_common_value_to_be_in_set", column="account_id", value_set=["x"]),
    "dates": lambda: expectation("expect_column_values_to_be_dateutil_parseable", column="account_id"),
}


@pytest.mark.parametrize("kind", LEAKS)
def test_no_personal_value_reaches_results_or_logs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], kind: str
) -> None:
    canary = "eve@example.org"
    of = contract(tmp_path, feature([LEAKS[kind]()]))

    with caplog.at_level(logging.DEBUG):
        results = on_pandas(of, [sale(canary), sale(canary)])

    assert any(result.closes_gate for result in results)
    printed = capfd.readouterr()
    assert canary not in repr(results) + caplog.text + printed.out + printed.err


def test_what_the_engine_logs_of_an_error_is_kept_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    import great_expectations as gx

    def complain(*_: object, **__: object) -> None:
        logging.getLogger("great_expectations.validator").error("cannot compare eve@example.org")
        raise TypeError

    monkeypatch.setattr(gx.ValidationDefinition, "run", complain)

    on_pandas(contract(tmp_path, feature()), [sale("eve@example.org")])

    assert "eve@example.org" not in caplog.text
