"""How fresh a dataset is promised to be: the service levels `frequency` and `latency` of its contract."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from open_data_contract_standard.model import OpenDataContractStandard

from expectations.contract_error import ContractError

FREQUENCY: Final = "frequency"
LATENCY: Final = "latency"
UNITS: Final = {
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


@dataclass(frozen=True)
class Freshness:
    """What a contract promises; None where it promises nothing.

    `frequency`: of a source at least one object is received in every such span. `latency`: of any other dataset
    whatever was delivered is published within that time.
    """

    frequency: timedelta | None = None
    latency: timedelta | None = None


def read_freshness(path: Path, document: OpenDataContractStandard, is_feed: bool) -> Freshness:
    """The promises among a contract's service levels; raises ContractError for one that cannot be kept watch over."""
    found: dict[str, timedelta] = {}
    for promise in document.slaProperties or []:
        if promise.property not in (FREQUENCY, LATENCY):
            continue
        place = f"slaProperties.{promise.property}"
        if is_feed != (promise.property == FREQUENCY):
            rule = "a source promises a frequency, and every other dataset a latency"
            raise ContractError(path, place, rule, f"Write {FREQUENCY if is_feed else LATENCY}")
        unit = UNITS.get(promise.unit or "")
        if unit is None or not isinstance(promise.value, int | float) or promise.value <= 0:
            rule = f"a span is a number above 0 with a unit, not {promise.value} {promise.unit}"
            raise ContractError(path, place, rule, f"Write, say, value: 1, unit: d; units are {', '.join(UNITS)}")
        found[promise.property] = promise.value * unit
    return Freshness(found.get(FREQUENCY), found.get(LATENCY))
