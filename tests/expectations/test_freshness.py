"""Promises of freshness, read from a contract's service levels."""

from datetime import timedelta
from pathlib import Path

import pytest
from open_data_contract_standard.model import OpenDataContractStandard, ServiceLevelAgreementProperty

from expectations.contract_error import ContractError
from expectations.freshness import Freshness, read_freshness

PATH = Path("raw/shop.odcs.yaml")


def promising(name: str, value: object, unit: str | None) -> OpenDataContractStandard:
    return OpenDataContractStandard(
        slaProperties=[ServiceLevelAgreementProperty(property=name, value=value, unit=unit)]
    )


def test_a_source_promises_how_often_it_delivers() -> None:
    found = read_freshness(PATH, promising("frequency", 6, "h"), is_feed=True)

    assert found == Freshness(frequency=timedelta(hours=6))


def test_any_other_dataset_promises_how_soon_it_shows_what_was_delivered() -> None:
    found = read_freshness(PATH, promising("latency", 1, "d"), is_feed=False)

    assert found == Freshness(latency=timedelta(days=1))


def test_other_service_levels_are_no_business_of_freshness() -> None:
    assert read_freshness(PATH, promising("retention", 3, "y"), is_feed=False) == Freshness()


@pytest.mark.parametrize(("name", "is_feed"), [("latency", True), ("frequency", False)])
def test_a_promise_that_nothing_watches_is_refused(name: str, is_feed: bool) -> None:
    with pytest.raises(ContractError, match="a source promises a frequency, and every other dataset a latency"):
        read_freshness(PATH, promising(name, 1, "d"), is_feed)


@pytest.mark.parametrize(("value", "unit"), [(1, "fortnight"), (1, None), (0, "d"), (-1, "d"), ("soon", "d")])
def test_a_span_without_number_or_unit_is_refused(value: object, unit: str | None) -> None:
    with pytest.raises(ContractError, match="a span is a number above 0 with a unit"):
        read_freshness(PATH, promising("latency", value, unit), is_feed=False)
