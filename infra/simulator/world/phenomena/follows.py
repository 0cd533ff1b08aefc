"""Who follows whom: a degree-corrected block model whose blocks are communities that people move between.

Karrer and Newman (2011): an edge from i to j in block r, s comes with a rate of theta_i theta_j omega_rs. Here a share
`mixing` of edges goes to anybody, the others stay in the community; of equal ones a single one is kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from infra.simulator.world.day import Columns, Day
from infra.simulator.world.phenomena.people import People
from infra.simulator.world.world import Phenomenon, World

Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Blocks:
    """What is planted of the graph; rates are a day."""

    people_per_community: int = 250
    follows_per_person: float = 18.0
    out_sigma: float = 1.0
    in_exponent: float = 1.5
    mixing: float = 0.25
    move_rate: float = 0.002
    follow_rate: float = 0.01
    unfollow_rate: float = 0.008


@dataclass(frozen=True)
class Adjacency:
    """Edges by one end: the others of `i` are `ends[starts[i]:starts[i + 1]]`."""

    starts: NDArray[np.int64]
    ends: Ints

    @classmethod
    def of(cls, begins: Ints, ends: Ints, count: int) -> "Adjacency":
        """The edges in the order of where they begin."""
        matrix = csr_array((np.ones(len(begins), np.bool_), (begins, ends)), shape=(count, count))
        return cls(matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32))

    def degrees(self) -> NDArray[np.int64]:
        """How many others each has."""
        return np.diff(self.starts)

    def expand(self, of: Ints) -> tuple[NDArray[np.int64], Ints]:
        """Every other end of some: the position in `of` it comes from, and the end itself."""
        counts = self.starts[of + 1] - self.starts[of]
        origin = np.repeat(np.arange(len(of)), counts)
        within = np.arange(len(origin)) - np.repeat(np.cumsum(counts) - counts, counts)
        return origin, self.ends[self.starts[of][origin] + within]

    def one_of(self, of: Ints, dice: np.random.Generator) -> Ints:
        """One random other end of each; -1 where there is none."""
        counts = self.starts[of + 1] - self.starts[of]
        at = self.starts[of] + (dice.random(len(of)) * counts).astype(np.int64)
        return np.where(counts > 0, self.ends[np.minimum(at, len(self.ends) - 1)], -1).astype(np.int32)


class Follows(Phenomenon):
    """The follow graph between people as it is now, and the communities behind it."""

    needs = (People,)

    def __init__(self, world: World, dice: np.random.Generator) -> None:
        super().__init__(world, dice)
        self.planted = planted = world.planted(Blocks)
        self.people = world[People]
        count = self.people.count
        self.communities = max(4, count // planted.people_per_community)
        self.community = dice.integers(0, self.communities, count).astype(np.int32)
        self.out_weight: NDArray[np.float64] = np.exp(planted.out_sigma * dice.standard_normal(count))
        self.in_weight: NDArray[np.float64] = (1 - dice.random(count)) ** (-1 / planted.in_exponent)
        self._followers, self._followed = self._edges(int(count * planted.follows_per_person), dice)
        self._index()

    def given(self) -> Mapping[str, Columns]:
        """How much each follows and is followed, apart from communities."""
        person = np.arange(len(self.community), dtype=np.int32)
        return {"follow_weight": {"person": person, "out_weight": self.out_weight, "in_weight": self.in_weight}}

    def happen(self, day: Day, dice: np.random.Generator) -> None:
        """Some people move to another community, some edges end, some begin."""
        self._tell_standing(day)
        count = len(self.community)
        movers = np.flatnonzero(dice.random(count) < self.planted.move_rate).astype(np.int32)
        self.community[movers] = dice.integers(0, self.communities, len(movers))
        ended = dice.random(len(self._followers)) < self.planted.unfollow_rate
        gone = self._followers[ended], self._followed[ended]
        begun = self._new(*self._edges(int(len(self._followers) * self.planted.follow_rate), dice))
        self._followers = np.concatenate([self._followers[~ended], begun[0]])
        self._followed = np.concatenate([self._followed[~ended], begun[1]])
        self._index()
        for name, (follower, followed) in {"follow": begun, "unfollow": gone}.items():
            at = self.people.moments(follower, day, dice)
            day.tell(name, follower=follower, followed=followed, at_us=at)
        day.keep("community", person=np.arange(count, dtype=np.int32), community=self.community.copy())

    def _tell_standing(self, day: Day) -> None:
        """Platforms tell who follows whom when the first day begins."""
        told = slice(None) if day.number == 0 else slice(0)
        follower, followed = self._followers[told], self._followed[told]
        at = np.full(len(follower), day.begin_us, np.int64)
        day.tell("following", follower=follower, followed=followed, at_us=at)

    def members(self, communities: Ints, dice: np.random.Generator) -> Ints:
        """A random member of each community asked for."""
        low, high = self._bounds[communities], self._bounds[communities + 1]
        at = low + (dice.random(len(communities)) * (high - low)).astype(np.int64)
        found: Ints = self._by_community[np.minimum(at, len(self._by_community) - 1)]
        return found

    def _edges(self, count: int, dice: np.random.Generator) -> tuple[Ints, Ints]:
        """About `count` edges of the block model as it is now, none of them twice or to oneself."""
        followers = _drawn(self.out_weight, count, dice)
        inside = dice.random(count) >= self.planted.mixing
        followed = _drawn(self.in_weight, count, dice)
        order: Ints = np.argsort(self.community, kind="stable").astype(np.int32)
        self._by_community = order
        self._bounds = np.searchsorted(self.community[order], np.arange(self.communities + 1))
        cumulated = np.cumsum(self.in_weight[order])
        edges = np.concatenate([[0.0], cumulated])[self._bounds]
        block = self.community[followers[inside]]
        low, high = edges[block], edges[block + 1]
        at = np.searchsorted(cumulated, low + dice.random(len(block)) * (high - low), side="right")
        followed[inside] = order[np.minimum(at, len(order) - 1)]
        pairs = np.unique(followers.astype(np.int64) * len(self.community) + followed)
        pairs = pairs[pairs // len(self.community) != pairs % len(self.community)]
        return (pairs // len(self.community)).astype(np.int32), (pairs % len(self.community)).astype(np.int32)

    def _new(self, followers: Ints, followed: Ints) -> tuple[Ints, Ints]:
        """Those edges that are not there yet."""
        origin, ends = self.followed_by.expand(followers)
        there = np.zeros(len(followers), np.bool_)
        there[origin[ends == followed[origin]]] = True
        return followers[~there], followed[~there]

    def _index(self) -> None:
        count = len(self.community)
        self.followers_of = Adjacency.of(self._followed, self._followers, count)
        self.followed_by = Adjacency.of(self._followers, self._followed, count)


def _drawn(weights: NDArray[np.float64], count: int, dice: np.random.Generator) -> Ints:
    """Rows drawn by weight."""
    cumulated = np.cumsum(weights)
    rows: Ints = np.searchsorted(cumulated, dice.random(count) * cumulated[-1], side="right").astype(np.int32)
    return rows
