"""Who people are and by which hints they are known is in the truth as often as it is planted."""

import numpy as np
import pytest

from infra.simulator.world.day import Columns
from infra.simulator.world.phenomena.accounts import HINTS, PLATFORMS, HintRates
from infra.simulator.world.phenomena.people import BANDS, Profile
from tests.infra.simulator.world.conftest import Lived, lived
from tests.infra.simulator.world.estimators import proportion

EACH_PLATFORM = range(len(PLATFORMS))
EACH_HINT = range(len(HINTS))


@pytest.fixture(scope="module")
def world() -> Lived:
    return lived(people=20_000, days=1, seed=1)


@pytest.fixture(scope="module")
def accounts(world: Lived) -> Columns:
    return world.world.given()["account"]


@pytest.fixture(scope="module")
def rates(world: Lived) -> HintRates:
    return world.world.planted(HintRates)


@pytest.mark.parametrize("band", range(len(BANDS)))
def test_shares_of_age_bands(world: Lived, band: int) -> None:
    planted = world.world.planted(Profile).band_shares[band]

    assert planted in proportion(world.world.given()["person"]["band"] == band)


def test_share_of_women(world: Lived) -> None:
    assert world.world.planted(Profile).female_share in proportion(world.world.given()["person"]["gender"] == 0)


@pytest.mark.parametrize("platform", EACH_PLATFORM)
def test_shares_of_platforms(world: Lived, accounts: Columns, rates: HintRates, platform: int) -> None:
    there = np.isin(np.arange(world.world.setting.people), accounts["person"][accounts["platform"] == platform])
    nowhere = np.prod(1 - np.array(rates.platform_shares))

    # Who would be nowhere has one account, anywhere.
    assert rates.platform_shares[platform] + nowhere / len(PLATFORMS) in proportion(there)


@pytest.mark.parametrize("hint", EACH_HINT)
def test_share_of_missing_hints(accounts: Columns, rates: HintRates, hint: int) -> None:
    assert rates.missing[hint] in proportion(accounts[HINTS[hint]] == -1)


@pytest.mark.parametrize("hint", EACH_HINT)
def test_share_of_mistyped_hints(world: Lived, accounts: Columns, rates: HintRates, hint: int) -> None:
    value = accounts[HINTS[hint]]

    assert rates.mistyped[hint] in proportion(value[value >= 0] >= world.world.setting.people)


@pytest.mark.parametrize("hint", EACH_HINT)
def test_share_of_recycled_hints(world: Lived, accounts: Columns, rates: HintRates, hint: int) -> None:
    value, person = accounts[HINTS[hint]], accounts["person"]
    typed = (value >= 0) & (value < world.world.setting.people)
    of_a_stranger = value // rates.household != person // rates.household

    # A stranger drawn at random is hardly ever of the same household.
    assert rates.recycled[hint] in proportion(of_a_stranger[typed])


@pytest.mark.parametrize("hint", EACH_HINT)
def test_share_of_shared_hints(accounts: Columns, rates: HintRates, hint: int) -> None:
    value, person = accounts[HINTS[hint]], accounts["person"]
    at_home = value // rates.household == person // rates.household
    # A household's hint is that of its first member, of whom it cannot be told.
    tellable = at_home & (person % rates.household > 0)

    assert rates.shared[hint] in proportion(value[tellable] != person[tellable])
