"""Accounts on three platforms and the hints by which they may be known to be one person's.

A hint is missing, mistyped, shared within a household, or recycled: a number that somebody else had before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from infra.simulator.world.day import Columns, Day
from infra.simulator.world.phenomena.people import People
from infra.simulator.world.world import Phenomenon, World

PLATFORMS: Final = ("a", "b", "c")
LINKS, LIVESTREAM, COMMUNITY = range(3)
"""What the platforms are: link sharing, livestream with a shop, community shop."""
HINTS: Final = ("phone", "email", "device")
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class HintRates:
    """What is planted of accounts; rates are shares of accounts, by hint in the order of `HINTS`."""

    platform_shares: tuple[float, ...] = (0.75, 0.65, 0.80)
    missing: tuple[float, ...] = (0.15, 0.40, 0.10)
    mistyped: tuple[float, ...] = (0.01, 0.02, 0.0)
    shared: tuple[float, ...] = (0.04, 0.01, 0.10)
    recycled: tuple[float, ...] = (0.02, 0.0, 0.03)
    household: int = 3
    """Rows next to one another live together, so many in a household; they share phones and devices."""


class Accounts(Phenomenon):
    """Who has an account where: one row for each account in `person` and `platform`."""

    needs = (People,)

    def __init__(self, world: World, dice: np.random.Generator) -> None:
        super().__init__(world, dice)
        self.planted = planted = world.planted(HintRates)
        count = world[People].count
        self.has = dice.random((count, len(PLATFORMS))) < planted.platform_shares
        # Everybody is somewhere.
        nowhere = ~self.has.any(axis=1)
        self.has[nowhere, dice.integers(0, len(PLATFORMS), int(nowhere.sum()))] = True
        person, platform = np.nonzero(self.has)
        self.person, self.platform = person.astype(np.int32), platform.astype(np.int8)
        self.hints = [self._hint(index, person, dice) for index in range(len(HINTS))]

    def _hint(self, index: int, person: Ints, dice: np.random.Generator) -> Ints:
        """One hint of every account: the number of whose it is, another where it is wrong, -1 where it is missing."""
        planted, count = self.planted, len(self.has)
        value = person.copy()
        at_home = person - person % planted.household
        value = np.where(dice.random(len(person)) < planted.shared[index], at_home, value)
        stranger = dice.integers(0, count, len(person))
        value = np.where(dice.random(len(person)) < planted.recycled[index], stranger, value)
        # A mistyped one is nobody's.
        value = np.where(dice.random(len(person)) < planted.mistyped[index], count + np.arange(len(person)), value)
        return np.where(dice.random(len(person)) < planted.missing[index], -1, value)

    def given(self) -> Mapping[str, Columns]:
        """Whose each account is, with its hints as numbers: equal numbers are equal hints, -1 is none."""
        hints = dict(zip(HINTS, self.hints, strict=True))
        return {"account": {"person": self.person, "platform": self.platform, **hints}}

    def happen(self, day: Day, dice: np.random.Generator) -> None:
        """Accounts stay; of those in the community shop `Registrations` tells when each is opened."""
