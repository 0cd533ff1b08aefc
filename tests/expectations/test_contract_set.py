"""Contracts together: found by their files, and fit for each other."""

from pathlib import Path

import pytest

from expectations.contract import ContractError, find_contracts
from tests.expectations.contract_files import (
    DAY,
    column,
    document,
    events,
    feature,
    feed,
    key,
    write,
)


def test_contracts_are_found_by_their_files_and_underscored_ones_are_no_datasets(tmp_path: Path) -> None:
    for content in (feed(), events(), document("raw._envelope", [column("target")])):
        write(tmp_path, content)

    assert list(find_contracts(tmp_path)) == ["events.sale", "raw.shop"]


def test_an_input_without_contract_is_refused(tmp_path: Path) -> None:
    write(tmp_path, feature(inputs={"events.sale": {"before": 0}}))

    with pytest.raises(ContractError, match=r"spend.odcs.yaml: inputs.events.sale: events.sale has no contract"):
        find_contracts(tmp_path)


def test_a_feed_for_a_dataset_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    write(tmp_path, feed())

    with pytest.raises(ContractError, match=r"shop.odcs.yaml: source.targets: events.sale is no events dataset"):
        find_contracts(tmp_path)


def test_features_that_read_each_other_are_refused(tmp_path: Path) -> None:
    columns = [key(DAY, 1)]
    write(tmp_path, document("features.a", columns, inputs={"features.b": {"before": 0}}))
    write(tmp_path, document("features.b", columns, inputs={"features.a": {"before": 0}}))

    with pytest.raises(ContractError, match=r"cyclic inputs: features\.. reads features\.. reads features\..\. "):
        find_contracts(tmp_path)


def test_a_dataset_that_reads_itself_is_told_of_carries_state(tmp_path: Path) -> None:
    write(tmp_path, feature(inputs={"features.spend": {"before": 1}}))

    with pytest.raises(ContractError, match="carriesState: true"):
        find_contracts(tmp_path)
