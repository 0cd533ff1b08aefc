"""Reading contracts: what they mean."""

from datetime import date
from pathlib import Path

from expectations.contract import InputWindow
from tests.expectations.contract_files import (
    ACCOUNT,
    DAY,
    contract,
    feature,
    feed,
    key,
)


def test_a_contract_names_its_dataset_grain_key_and_partition(tmp_path: Path) -> None:
    spend = contract(tmp_path, feature())

    assert (spend.name, spend.layer, spend.short_name) == ("features.spend", "features", "spend")
    assert (spend.grain, spend.owner) == ("one row for each", "growth")
    assert spend.key == ("day", "account_id")
    assert spend.partition_by == ("day",)


def test_key_positions_order_the_key_whatever_the_order_of_columns(tmp_path: Path) -> None:
    assert contract(tmp_path, feature(columns=[key(ACCOUNT, 2), key(DAY, 1)])).key == ("day", "account_id")


def test_columns_are_public_unless_the_contract_says_otherwise(tmp_path: Path) -> None:
    classes = {c.name: c.classification for c in contract(tmp_path, feature()).columns}

    assert classes == {"day": "public", "account_id": "pseudonym", "amount": "public"}


def test_windows_reach_back_whole_days_or_to_the_start(tmp_path: Path) -> None:
    inputs = {"events.sale": {"before": 29, "after": 0}, "events.visit": {"before": "unbounded"}}

    spend = contract(tmp_path, feature(inputs=inputs, carriesState=True, parameters={"half_life_days": 7}))

    assert spend.inputs == {"events.sale": InputWindow(29, 0), "events.visit": InputWindow(None, 0)}
    assert spend.carries_state
    assert spend.parameters == {"half_life_days": 7}


def test_a_feed_is_identified_by_all_its_columns_unless_it_says_by_which(tmp_path: Path) -> None:
    whole, declared = contract(tmp_path, feed()), contract(tmp_path, feed(identity=["Invoice"]))

    assert whole.source is not None
    assert declared.source is not None
    assert whole.source.identity == ("Invoice", "Customer")
    assert declared.source.identity == ("Invoice",)
    assert whole.first_day == date(2010, 12, 1)
