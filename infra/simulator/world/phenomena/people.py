"""People: who they are, what they like, how they decide and when they are awake.

Ages, what they spend and what they look for follow the reference profile of social commerce users.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from infra.simulator.world.day import HOUR, Column, Columns, Day
from infra.simulator.world.phenomena.products import CATEGORIES
from infra.simulator.world.world import Phenomenon, World

BANDS: Final = ("18-24", "25-34", "35+")
GENDERS: Final = ("female", "male")
SCORES: Final = ("price", "quality", "reputation", "emotion")
"""What is weighed in a decision."""


@dataclass(frozen=True)
class Profile:
    """What is planted of people; tuples are by age band.

    `weights` are what price, quality, reputation and emotion count for in a decision, `spending` how many further
    pieces they order of a line, relative to what is planted of all (those in the middle spend most), `peak_hours` when
    most of them are online.
    """

    band_shares: tuple[float, ...] = (0.50, 0.30, 0.20)
    female_share: float = 0.56
    spending: tuple[float, ...] = (0.7, 1.6, 1.2)
    weights: tuple[tuple[float, float, float, float], ...] = (
        (0.50, 0.40, 0.45, 0.75),
        (0.35, 0.80, 0.55, 0.40),
        (0.80, 0.45, 0.60, 0.25),
    )
    peak_hours: tuple[float, ...] = (21.5, 20.5, 12.5)
    spread_hours: float = 2.5
    visits_shape: float = 0.8
    favourite_share: float = 0.6


class People(Phenomenon):
    """Everybody there is, customers or not yet; person is the row number."""

    def __init__(self, world: World, dice: np.random.Generator) -> None:
        super().__init__(world, dice)
        count, planted = world.setting.people, world.planted(Profile)
        self.planted = planted
        self.band = dice.choice(len(BANDS), count, p=planted.band_shares).astype(np.int8)
        self.gender = (dice.random(count) >= planted.female_share).astype(np.int8)
        self.favourite = dice.choice(len(CATEGORIES), count).astype(np.int8)
        # How often somebody comes: a few often, most rarely.
        rate = dice.gamma(planted.visits_shape, 1 / planted.visits_shape, count).astype(np.float32)
        self.activity: NDArray[np.float32] = rate / rate.mean()
        self.weights = np.array(planted.weights, np.float32)[self.band]
        self.spending = np.array(planted.spending, np.float32)[self.band]
        self.peak_hour = np.array(planted.peak_hours, np.float32)[self.band]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.band)

    def moments(self, people: NDArray[np.int32], day: Day, dice: np.random.Generator) -> NDArray[np.int64]:
        """A moment of the day for each, most of them around the hour when they are online."""
        hours = dice.normal(self.peak_hour[people], self.planted.spread_hours) % 24
        return day.begin_us + (hours * HOUR).astype(np.int64)

    def given(self) -> Mapping[str, Columns]:
        """Who people are and what counts for them."""
        weights = {f"{name}_weight": self.weights[:, index] for index, name in enumerate(SCORES)}
        who: dict[str, Column] = {
            "person": np.arange(self.count, dtype=np.int32),
            "band": self.band,
            "gender": self.gender,
            "favourite": self.favourite,
            "activity": self.activity,
            "spending": self.spending,
        }
        return {"person": {**who, **weights}}

    def happen(self, day: Day, dice: np.random.Generator) -> None:
        """People stay who they are."""
