"""The promised error rate of a source: a percentage, 1 % where none is promised."""

from pathlib import Path
from typing import Any

import pytest

from expectations.contract_error import ContractError
from tests.expectations.contract_files import contract, events, feed


def promising(**promise: Any) -> list[dict[str, Any]]:
    return [{"property": "errorRate", **promise}]


def test_a_source_that_promises_none_has_one_percent(tmp_path: Path) -> None:
    assert contract(tmp_path, feed()).error_rate == 0.01


@pytest.mark.parametrize(("value", "share"), [(0, 0.0), (0.5, 0.005), (100, 1.0)])
def test_a_promised_rate_is_a_percentage(tmp_path: Path, value: float, share: float) -> None:
    promised = feed() | {"slaProperties": promising(value=value, unit="percent")}

    assert contract(tmp_path, promised).error_rate == share


@pytest.mark.parametrize("promise", [{"value": 1}, {"value": 101, "unit": "percent"}, {"value": -1, "unit": "percent"}])
def test_what_is_no_percentage_is_refused_with_an_example(tmp_path: Path, promise: dict[str, Any]) -> None:
    with pytest.raises(ContractError, match=r"slaProperties.errorRate.*value: 0.5, unit: percent"):
        contract(tmp_path, feed() | {"slaProperties": promising(**promise)})


def test_what_is_delivered_to_nobody_promises_no_rate(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="Move it to the source"):
        contract(tmp_path, events() | {"slaProperties": promising(value=1, unit="percent")})


def test_a_rate_that_is_promised_twice_is_refused(tmp_path: Path) -> None:
    twice = promising(value=1, unit="percent") + promising(value=2, unit="percent")

    with pytest.raises(ContractError, match="Keep one"):
        contract(tmp_path, feed() | {"slaProperties": twice})
