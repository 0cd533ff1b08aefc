"""The world has the shares of the reference: profile, ways of discovery, influence on what is bought."""

import numpy as np
import pytest
from scipy.stats import binomtest

from infra.simulator.world.channels import Channel
from infra.simulator.world.phenomena.people import BANDS
from tests.infra.simulator.world.conftest import Lived, lived, shares

# What makes people come is set to the mix during the warm-up; from then on the world goes its own way.
# A few posts of creators whom many follow move whole days.
DRIFT = 0.04
CONFIDENCE = 0.999


def test_ages_are_those_of_the_profile(ordinary: Lived) -> None:
    bands = ordinary.world.given()["person"]["band"]

    for band, share in enumerate((0.50, 0.30, 0.20)):
        found = binomtest(int((bands == band).sum()), len(bands)).proportion_ci(CONFIDENCE)
        assert found.low <= share <= found.high, BANDS[band]


def test_discovery_is_search_20_social_45_friends_30_advertising_5(ordinary: Lived) -> None:
    found = shares(ordinary.told("visit")["channel"], len(Channel))

    social = found[Channel.CREATOR] + found[Channel.COMMUNITY]
    mix = [found[Channel.SEARCH], social, found[Channel.FRIEND], found[Channel.ADVERTISING]]
    assert mix == pytest.approx([0.20, 0.45, 0.30, 0.05], abs=DRIFT)


def test_purchases_are_own_need_40_friends_25_kol_30_community_5(ordinary: Lived) -> None:
    decisions = ordinary.true("decision")

    found = shares(decisions["channel"][decisions["bought"]], len(Channel))

    own_need = found[Channel.SEARCH] + found[Channel.ADVERTISING]
    mix = [own_need, found[Channel.FRIEND], found[Channel.CREATOR], found[Channel.COMMUNITY]]
    assert mix == pytest.approx([0.40, 0.25, 0.30, 0.05], abs=DRIFT)


def test_the_young_buy_for_emotion_the_middle_for_quality_the_older_for_price() -> None:
    decisions = lived(people=20_000, days=10, seed=1).true("decision")
    bought, band = decisions["bought"], decisions["band"]

    def sought_most_by(score: str) -> str:
        """The band whose purchases stand out most from what it looks at."""
        values = decisions[score]
        of_bands = [band == index for index in range(len(BANDS))]
        return BANDS[int(np.argmax([values[of_band & bought].mean() - values[of_band].mean() for of_band in of_bands]))]

    assert {score: sought_most_by(score) for score in ("emotion", "quality", "price")} == {
        "emotion": "18-24",
        "quality": "25-34",
        "price": "35+",
    }
