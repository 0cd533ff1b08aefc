"""Creators: those whose posts make others come and buy, from a few with a great reach to many with a small one.

Influence is planted apart from reach: it multiplies how likely somebody who sees a post is to pass it on and to come.
Local voices are known in one community alone, and have more influence there than their reach would tell.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from infra.simulator.world.day import Columns, Day
from infra.simulator.world.phenomena.follows import Follows
from infra.simulator.world.phenomena.products import CATEGORIES
from infra.simulator.world.world import Phenomenon, World


@dataclass(frozen=True)
class Influence:
    """What is planted of creators; `effect` 0 makes every creator as influential as anybody."""

    creator_share: float = 0.006
    local_share: float = 0.3
    sigma: float = 0.7
    local_factor: float = 2.0
    effect: float = 1.0
    posts_a_day: float = 2.0


class Creators(Phenomenon):
    """The creators, most followed first; `influence` is by person and 1 for everybody else."""

    needs = (Follows,)

    def __init__(self, world: World, dice: np.random.Generator) -> None:
        super().__init__(world, dice)
        self.planted = planted = world.planted(Influence)
        self.follows = world[Follows]
        degrees = self.follows.followers_of.degrees()
        count = max(20, int(len(degrees) * planted.creator_share))
        locals_ = int(count * planted.local_share)
        ranked = np.argsort(-degrees, kind="stable").astype(np.int32)
        head, others = ranked[: count - locals_], ranked[count - locals_ :]
        # Local voices have followers, but not so many that everybody knows them.
        local = dice.choice(others[: len(others) // 4], locals_, replace=False)
        self.person = np.concatenate([head, local]).astype(np.int32)
        self.is_local = np.arange(count) >= len(head)
        self.topic = dice.choice(len(CATEGORIES), count).astype(np.int8)
        spread = np.exp(planted.sigma * dice.standard_normal(count) - planted.sigma**2 / 2)
        planted_influence = spread * np.where(self.is_local, planted.local_factor, 1.0)
        self.own: NDArray[np.float64] = planted_influence**planted.effect
        self.is_creator = np.zeros(len(degrees), np.bool_)
        self.is_creator[self.person] = True
        self.influence = np.ones(len(degrees))
        self.influence[self.person] = self.own

    def given(self) -> Mapping[str, Columns]:
        """Who is a creator, and with how much influence."""
        planted = {"influence": self.own, "is_local": self.is_local}
        return {"creator": {"person": self.person, "topic": self.topic, **planted}}

    def happen(self, day: Day, dice: np.random.Generator) -> None:
        """Who is a creator stays so; what they post is told by `Posts`."""
