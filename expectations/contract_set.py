"""What must hold between contracts: whatever one of them names exists, and reading goes round in no circle."""

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from expectations.contract_error import ContractError

if TYPE_CHECKING:
    from expectations.contract import Contract


def check_set(contracts: Mapping[str, "Contract"]) -> None:
    """Raises ContractError for an input or target without contract, and for datasets that read each other."""
    for contract in contracts.values():
        for name in contract.inputs:
            if name not in contracts:
                rule = f"{name} has no contract"
                raise ContractError(contract.path, f"inputs.{name}", rule, "Name a dataset that exists")
        for target in contract.source.targets if contract.source else ():
            if target not in contracts or contracts[target].layer != "events":
                rule = f"{target} is no events dataset with a contract"
                raise ContractError(contract.path, "source.targets", rule, "Name an events dataset that exists")
    _check_circles(contracts)


def _check_circles(contracts: Mapping[str, "Contract"]) -> None:
    try:
        TopologicalSorter({name: set(contract.inputs) for name, contract in contracts.items()}).prepare()
    except CycleError as error:
        circle = " reads ".join(reversed(error.args[1]))
        remedy = "Break the circle; a dataset that reads its own day before says carriesState: true"
        raise ContractError(contracts[error.args[1][0]].path, "inputs", f"cyclic inputs: {circle}", remedy) from error
