"""Every contract of the project and its examples is valid by the standard, readable, and fit for the gate."""

from pathlib import Path

import pytest

from expectations.contract import CONTRACTS, Contract, find_contracts, read_contract
from expectations.suite import Engine, build_suite

REAL = Path(__file__).resolve().parents[1] / "real" / "sources"
FILES = [*sorted(CONTRACTS.glob("*/*.odcs.yaml")), *sorted(REAL.glob("*/expectations/contracts/raw/*.odcs.yaml"))]
# Verdicts and runs are no datasets of the loop; the records of a feed are judged one by one as they are decoded.
GATED = [one for one in find_contracts().values() if one.layer != "ops" and one.source is None]

pytestmark = pytest.mark.usefixtures("quality_engine")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_contract_keeps_to_the_standard(path: Path) -> None:
    from datacontract.data_contract import DataContract

    checks = DataContract(data_contract_file=str(path)).lint().checks

    assert [check.reason for check in checks or [] if check.result != "passed"] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_contract_says_what_it_is_for_and_whose_it_is(path: Path) -> None:
    contract = read_contract(path)

    assert contract.purpose
    assert contract.grain
    assert contract.owner
    assert [column.name for column in contract.columns if not column.description] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_contract_has_an_iceberg_schema(path: Path) -> None:
    contract = read_contract(path)

    assert contract.iceberg_schema().column_names[0] == contract.columns[0].name


@pytest.mark.parametrize("contract", GATED, ids=lambda contract: contract.name)
@pytest.mark.parametrize("engine", ["pandas", "spark"])
def test_the_contract_has_something_for_the_gate_to_check(contract: Contract, engine: Engine) -> None:
    assert build_suite(contract, engine=engine).expectations
