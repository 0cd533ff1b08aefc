"""Who follows whom: a degree-corrected block model whose blocks are communities that people move between.

Karrer and Newman (2011): an edge from i to j in block r, s comes with a rate of theta_i theta_j omega_rs. Here a share
`mixing` of edges goes to anybody, the others stay in the community; of equal ones a single one is kept. Who follows
many is followed by many: theta of being followed is a Pareto draw times theta of following to the power `in_with_out`.
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
    """What is planted of the graph; rates are a day. Follows count before pairs that are drawn twice fall away."""

    people_per_community: int = 250
    follows_per_person: float = 26.0
    out_sigma: float = 1.85
    in_exponent: float = 2.0
    in_with_out: float = 0.6
    mixing: float = 0.25
    move_rate: float = 0.002
    follow_rate: float = 0.0135
    unfollow_rate: float = 0.008


@dataclass(frozen=True)
class Adjacency:
    """Edges by one end: the others of `i` are `ends[starts[i]:starts[i + 1]]`."""

    starts: NDArray[np.int64]
    ends: Ints

    @classmethod
    def both_ways(cls, keys: NDArray[np.int64], count: int) -> tuple["Adjacency", "Adjacency"]:
        """Edges by where they begin and by where they end, of sorted keys `begin * count + end`."""
        starts = np.searchsorted(keys, np.arange(count + 1) * count)
        ends = (keys - np.repeat(np.arange(count) * count, np.diff(starts))).astype(np.int32)
        turned = csr_array((np.ones(len(ends), np.bool_), ends, starts), shape=(count, count)).tocsc()
        return cls(starts, ends), cls(turned.indptr.astype(np.int64), turned.indices.astype(np.int32))

    def degrees(self) -> NDArray[np.int64]:
        """How many others each has."""
        return np.diff(self.starts)

    def expand(self, of: Ints) -> tuple[NDArray[np.int64], Ints]:
        """Every other end of some: the position in `of` it comes from, and the end itself."""
        counts = self.starts[of + 1] - self.starts[of]
        origin = np.repeat(np.arange(len(of)), counts)
        within = np.arange(len(origin)) - np.repeat(np.cumsum(counts) - counts, counts)
        return origin, self.ends[self.starts[of][origin] + within]

    def some(self, of: Ints, share: float, dice: np.random.Generator) -> tuple[NDArray[np.int64], Ints]:
        """Each of the other ends with a probability, as from `expand`."""
        last = np.cumsum(self.starts[of + 1] - self.starts[of])
        at = _hits(int(last[-1]) if len(last) else 0, share, dice)
        origin = np.searchsorted(last, at, side="right")
        # Positions count from the end, as that is what was summed up.
        return origin, self.ends[self.starts[of + 1][origin] - (last[origin] - at)]

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
        pareto = (1 - dice.random(count)) ** (-1 / planted.in_exponent)
        self.in_weight: NDArray[np.float64] = pareto * self.out_weight**planted.in_with_out
        self._group()
        self._keys = self._edges(int(count * planted.follows_per_person), dice)
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
        self._group()
        ended = _hits(len(self._keys), self.planted.unfollow_rate, dice)
        gone = self._keys[ended]
        drawn = self._edges(int(len(self._keys) * self.planted.follow_rate), dice)
        begun = drawn[~among(drawn, self._keys)]
        # Two sorted runs: a stable sort merges them.
        self._keys = np.sort(np.concatenate([np.delete(self._keys, ended), begun]), kind="stable")
        self._index()
        for name, keys in {"follow": begun, "unfollow": gone}.items():
            follower, followed = self._ends(keys)
            day.tell(name, follower=follower, followed=followed, at_us=self.people.moments(follower, day, dice))
        day.keep("community", person=np.arange(count, dtype=np.int32), community=self.community.copy())

    def _tell_standing(self, day: Day) -> None:
        """Platforms tell who follows whom when the first day begins."""
        follower, followed = self._ends(self._keys if day.number == 0 else self._keys[:0])
        at = np.full(len(follower), day.begin_us, np.int64)
        day.tell("following", follower=follower, followed=followed, at_us=at)

    def members(self, communities: Ints, dice: np.random.Generator) -> Ints:
        """A random member of each community asked for."""
        low, high = self._bounds[communities], self._bounds[communities + 1]
        at = low + (dice.random(len(communities)) * (high - low)).astype(np.int64)
        found: Ints = self._by_community[np.minimum(at, len(self._by_community) - 1)]
        return found

    def _ends(self, keys: NDArray[np.int64]) -> tuple[Ints, Ints]:
        """Who follows and who is followed, of keys."""
        count = len(self.community)
        return (keys // count).astype(np.int32), (keys % count).astype(np.int32)

    def _group(self) -> None:
        """People by community, those of community `c` at `bounds[c]:bounds[c + 1]`."""
        self._by_community: Ints = np.argsort(self.community, kind="stable").astype(np.int32)
        self._bounds = np.searchsorted(self.community[self._by_community], np.arange(self.communities + 1))

    def _edges(self, count: int, dice: np.random.Generator) -> NDArray[np.int64]:
        """About `count` edges of the block model as it is now, none twice or to oneself, as sorted keys."""
        people, order = len(self.community), self._by_community
        follows = dice.poisson(self.out_weight[order] * (count / self.out_weight.sum()))
        # Follower after follower, community after community: what is looked up next lies near.
        follower = np.repeat(order, follows)
        inside = dice.random(len(follower), np.float32) >= self.planted.mixing
        followed = np.empty(len(follower), np.int32)
        followed[~inside] = _drawn(self.in_weight, len(follower) - int(inside.sum()), dice)
        cumulated = np.cumsum(self.in_weight[order])
        edges = np.concatenate([[0.0], cumulated])[self._bounds]
        block = self.community[follower[inside]]
        wanted = edges[block] + dice.random(len(block)) * (edges[block + 1] - edges[block])
        followed[inside] = order[np.minimum(np.searchsorted(cumulated, wanted, side="right"), people - 1)]
        others = follower != followed
        keys = np.sort(follower[others].astype(np.int64) * people + followed[others])
        return keys[np.diff(keys, prepend=-1) > 0]

    def _index(self) -> None:
        self.followed_by, self.followers_of = Adjacency.both_ways(self._keys, len(self.community))


def among(keys: NDArray[np.int64], sorted_keys: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which keys are among others that are sorted."""
    at = np.minimum(np.searchsorted(sorted_keys, keys), len(sorted_keys) - 1)
    return sorted_keys[at] == keys if len(sorted_keys) else np.zeros(len(keys), np.bool_)


def _hits(count: int, probability: float, dice: np.random.Generator) -> NDArray[np.int64]:
    """The positions of hits in so many trials, ascending, by their geometric gaps (Batagelj and Brandes 2005)."""
    if not count or probability <= 0:
        return np.zeros(0, np.int64)
    if probability > 0.1:
        return np.flatnonzero(dice.random(count, np.float32) < probability)
    expected = count * probability
    at = np.cumsum(dice.geometric(probability, int(expected + 10 * np.sqrt(expected) + 10))) - 1
    return at[at < count]


def _drawn(weights: NDArray[np.float64], count: int, dice: np.random.Generator) -> Ints:
    """Rows drawn by weight, looked up in their order, as far jumps in memory cost most, and then mixed."""
    cumulated = np.cumsum(weights)
    wanted = np.sort(dice.random(count)) * cumulated[-1]
    rows = np.minimum(np.searchsorted(cumulated, wanted, side="right"), len(weights) - 1)
    return dice.permutation(rows.astype(np.int32))
