"""Little that is missing from the landing store was removed; if it is most, the settings name another place."""

from pathlib import Path

import pytest

from expectations.contract import CONTRACTS, read_contract
from infra.app.kinds.landing_objects import LandingObjects
from infra.lake.catalog import Lake
from infra.lake.errors import GuanxiError
from infra.lake.settings import Settings
from infra.loop.plan import Partition

SOURCE = "retail_export"


def refuse(home: Path, known: int, there: int, source: str = SOURCE, **settings: bool) -> None:
    """Look at a store with so many of the known objects, and with one that is new."""
    contracts = CONTRACTS / "raw"
    sources = {SOURCE: read_contract(contracts / f"{SOURCE}.odcs.yaml")}
    lake = Lake(Settings(home=home, **settings))
    objects = LandingObjects(lake, read_contract(contracts / "objects.odcs.yaml"), sources)
    before = {key(number, source): {"source": source} for number in range(known)}
    landed = {key(number, source) for number in range(there)} | {key(known, SOURCE)}
    objects._refuse_another_place(before, landed)


def key(number: int, source: str) -> Partition:
    return f"{source}/{number:064x}/a.csv"


@pytest.mark.parametrize(("known", "there"), [(1, 0), (9, 0), (10, 4), (1_000, 499)])
def test_a_store_without_most_of_what_is_known_is_refused_though_it_is_not_empty(
    tmp_path: Path, known: int, there: int
) -> None:
    with pytest.raises(GuanxiError, match=f"{known - there} of the {known} objects that are known are not") as raised:
        refuse(tmp_path, known, there)

    assert str(tmp_path / "landing") in str(raised.value)
    assert "GUANXI_LANDING_URL" in str(raised.value)
    assert "GUANXI_LANDING_MAY_SHRINK=true" in str(raised.value)


@pytest.mark.parametrize(("known", "there"), [(0, 0), (1, 1), (9, 1), (10, 5), (1_000, 999)])
def test_a_few_objects_may_be_removed(tmp_path: Path, known: int, there: int) -> None:
    refuse(tmp_path, known, there)


def test_most_may_be_removed_by_whoever_says_so(tmp_path: Path) -> None:
    refuse(tmp_path, 1_000, 0, landing_may_shrink=True)


def test_the_objects_of_a_source_whose_contract_is_gone_are_not_missed(tmp_path: Path) -> None:
    refuse(tmp_path, 1_000, 0, source="forgotten")
