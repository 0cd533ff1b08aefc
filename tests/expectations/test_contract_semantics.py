"""What changes results, and what a verdict depends on."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.expectations.contract_files import (
    ACCOUNT,
    DAY,
    Changes,
    amount,
    column,
    contract,
    expectation,
    feature,
    feed,
    key,
    library,
    weekday_volume,
)


def _prose(content: Changes) -> Changes:
    return {
        **content,
        "description": {"purpose": "Other words."},
        "team": {"name": "somebody else"},
        "version": "2.0.0",
    }


SAME_RESULTS: dict[str, tuple[Callable[[], Changes], Callable[[], Changes]]] = {
    "prose and owner": (feature, lambda: _prose(feature())),
    "quality": (feature, lambda: feature([library("rowCount", mustBeGreaterThan=0)])),
    "spelling of a type": (feature, lambda: feature(columns=[key(DAY, 1), key(ACCOUNT, 2), _spelt_out()])),
    "lateness": (feed, lambda: feed(latenessDays=3)),
}

OTHER_RESULTS: dict[str, tuple[Callable[[], Changes], Callable[[], Changes]]] = {
    "type": (feature, lambda: feature(columns=[key(DAY, 1), key(ACCOUNT, 2), amount(physicalType="double")])),
    "key": (feature, lambda: feature(columns=[key(DAY, 1), ACCOUNT, amount()])),
    "window": (lambda: _reading(29), lambda: _reading(30)),
    "parameter": (lambda: feature(parameters={"days": 7}), lambda: feature(parameters={"days": 8})),
    "state": (feature, lambda: feature(carriesState=True)),
    "first day": (feature, lambda: feature(firstDay="2010-12-01")),
    "time zone": (feed, lambda: feed(timezone="UTC")),
    "format": (feed, lambda: feed(format={"type": "csv", "delimiter": ";"})),
    "arrival": (feature, lambda: feature(columns=[key(DAY, 1), key(ACCOUNT, 2), _arrival()])),
}


def _spelt_out() -> Changes:
    sizes = [{"property": "precision", "value": 18}, {"property": "scale", "value": 4}]
    return column("amount", "number", customProperties=sizes)


def _arrival() -> Changes:
    return amount(customProperties=[{"property": "arrival", "value": True}])


def _reading(days: int) -> Changes:
    return feature(inputs={"events.sale": {"before": days, "after": 0}})


@pytest.mark.parametrize("what", SAME_RESULTS)
def test_what_changes_no_result_does_not_change_the_semantics(tmp_path: Path, what: str) -> None:
    before, after = (contract(tmp_path, make()).semantics() for make in SAME_RESULTS[what])

    assert before == after


@pytest.mark.parametrize("what", OTHER_RESULTS)
def test_what_changes_results_changes_the_semantics(tmp_path: Path, what: str) -> None:
    before, after = (contract(tmp_path, make()).semantics() for make in OTHER_RESULTS[what])

    assert before != after


def test_the_wording_of_a_rule_is_no_part_of_what_a_verdict_depends_on(tmp_path: Path) -> None:
    rule = library("rowCount", mustBeGreaterThan=0)

    assert (
        contract(tmp_path, feature([rule])).quality() == contract(tmp_path, feature([rule | {"name": "x"}])).quality()
    )


@pytest.mark.parametrize(
    "rule",
    [
        library("rowCount", mustBeGreaterThan=1),
        library("rowCount", "warning", mustBeGreaterThan=0),
        expectation("expect_table_row_count_to_be_between", min_value=1),
        weekday_volume(),
    ],
)
def test_a_verdict_depends_on_every_rule_and_its_severity(tmp_path: Path, rule: dict[str, Any]) -> None:
    before = contract(tmp_path, feature([library("rowCount", mustBeGreaterThan=0)])).quality()

    assert contract(tmp_path, feature([rule])).quality() != before


def test_semantics_are_canonical_json(tmp_path: Path) -> None:
    text = contract(tmp_path, feed()).semantics()

    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
