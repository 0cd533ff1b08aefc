"""What people, products and things are called on a platform: names of two platforms tell nothing of each other."""

import hashlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from infra.simulator.world.phenomena.accounts import HINTS, PLATFORMS, Accounts
from infra.simulator.world.streams import Streams
from infra.simulator.world.world import World

SALT = "guanxi-simulator"
"""Published, so that equal numbers of two platforms have equal hashes."""


class Names:
    """The names on one platform."""

    def __init__(self, world: World, platform: int) -> None:
        self.platform = platform
        streams = Streams(world.setting.seed)
        self.accounts: NDArray[np.int64] = streams.of("names", PLATFORMS[platform]).permutation(world.setting.people)
        known = world[Accounts]
        own = known.platform == platform
        self._row = np.full(world.setting.people, -1, np.int64)
        self._row[known.person[own]] = np.flatnonzero(own)
        self._hints = known.hints

    def has_account(self, person: int) -> bool:
        """Whether somebody has an account on the platform."""
        return bool(self._row[person] >= 0)

    def hints(self, person: int) -> dict[str, str]:
        """The hints of an account by their names, hashed; those that are missing are left out."""
        row = self._row[person]
        values = {name: int(values[row]) for name, values in zip(HINTS, self._hints, strict=True)}
        return {name: _hashed(name, value) for name, value in values.items() if value >= 0}


@lru_cache(maxsize=100_000)
def _hashed(hint: str, value: int) -> str:
    return hashlib.sha256(f"{SALT}/{hint}/{value}".encode()).hexdigest()
