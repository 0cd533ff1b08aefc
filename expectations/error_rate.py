"""How much of a delivery may be unreadable before people are told: the service level `errorRate` of a source."""

from pathlib import Path
from typing import Final

from open_data_contract_standard.model import OpenDataContractStandard

from expectations.contract_error import ContractError

ERROR_RATE: Final = "errorRate"
DEFAULT_SHARE: Final = 0.01
UNIT: Final = "percent"


def read_error_rate(path: Path, document: OpenDataContractStandard, is_feed: bool) -> float:
    """The share of quarantined records above which people are told; 1 % where a source says nothing.

    Raises ContractError for one that is no percentage, or is promised by a dataset into which nothing is delivered.
    """
    promises = [promise for promise in document.slaProperties or [] if promise.property == ERROR_RATE]
    place = f"slaProperties.{ERROR_RATE}"
    if promises and not is_feed:
        raise ContractError(path, place, "only a source has records that cannot be read", "Move it to the source")
    if len(promises) > 1:
        raise ContractError(path, place, "it is promised twice", "Keep one")
    for promise in promises:
        value = promise.value
        if isinstance(value, int | float) and promise.unit == UNIT and 0 <= value <= 100:
            return value / 100
        rule = f"a rate is a number from 0 to 100 in {UNIT}, not {value} {promise.unit}"
        raise ContractError(path, place, rule, f"Write, say, value: 0.5, unit: {UNIT}")
    return DEFAULT_SHARE
