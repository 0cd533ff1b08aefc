"""What people and things are called on a platform: names of two platforms tell nothing of each other."""

import hashlib
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from infra.simulator.world.day import Column
from infra.simulator.world.phenomena.accounts import HINTS, PLATFORMS, Accounts
from infra.simulator.world.streams import Streams
from infra.simulator.world.world import World

SALT = "guanxi-simulator"
"""Published, so that equal numbers of two platforms have equal hashes."""
BITS: Final = 52
"""Names made of numbers stay below 2**52, so that every reader of JSON holds them exactly."""


class Names:
    """The names of people on one platform."""

    def __init__(self, world: World, platform: int) -> None:
        self.platform = platform
        streams = Streams(world.setting.seed)
        self.accounts: NDArray[np.int64] = streams.of("names", PLATFORMS[platform]).permutation(world.setting.people)
        # Browsers and devices, known without an account.
        self.visitors: NDArray[np.int64] = streams.of("visitors", PLATFORMS[platform]).permutation(world.setting.people)
        known = world[Accounts]
        own = known.platform == platform
        self._row = np.full(world.setting.people, -1, np.int64)
        self._row[known.person[own]] = np.flatnonzero(own)
        self._hints = known.hints

    def has_account(self, person: int) -> bool:
        """Whether somebody has an account on the platform."""
        return bool(self._row[person] >= 0)

    def have_accounts(self, people: Column) -> NDArray[np.bool_]:
        """Which of some people have one; nobody (-1) has none."""
        return (people >= 0) & (self._row[people] >= 0)

    def hints(self, person: int) -> dict[str, str]:
        """The hints of an account by their names, hashed, without those that are missing; none without an account."""
        row = self._row[person]
        if row < 0:
            return {}
        values = {name: int(values[row]) for name, values in zip(HINTS, self._hints, strict=True)}
        return {name: _hashed(name, value) for name, value in values.items() if value >= 0}


class Scrambler:
    """Numbers as other numbers below 2**52, one to one: neither their order nor what they count shows.

    Each key, such as a platform and a kind of thing, has a mapping of its own.
    """

    def __init__(self, world: World, *key: object) -> None:
        drawn = Streams(world.setting.seed).of("scrambled", *key).integers(0, 2**BITS, 3)
        self._shift, *factors = (np.uint64(number) for number in drawn.tolist())
        # Odd factors have an inverse modulo a power of two, so no two numbers become the same.
        self._factors = [factor | np.uint64(1) for factor in factors]

    def __call__(self, numbers: Column) -> NDArray[np.int64]:
        """Other numbers for some in 0 .. 2**52 - 1."""
        mask, half = np.uint64(2**BITS - 1), np.uint64(BITS // 2)
        mixed = (numbers.astype(np.uint64) + self._shift) & mask
        for factor in self._factors:
            mixed = (mixed * factor) & mask
            mixed ^= mixed >> half
        return mixed.astype(np.int64)


@lru_cache(maxsize=100_000)
def _hashed(hint: str, value: int) -> str:
    return hashlib.sha256(f"{SALT}/{hint}/{value}".encode()).hexdigest()
