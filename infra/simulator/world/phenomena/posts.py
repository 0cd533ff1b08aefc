"""Posts and how they spread: independent cascades on the follow graph (Kempe, Kleinberg and Tardos 2003).

Each follower of who wrote a post sees it with the probability `reach`, and passes it on with a probability that depends
on the influence of its author and on how catching the post is, at most for certain. What comes at second hand is both
seen and passed on less often, so that every cascade dies out. Nobody sees a post twice.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from infra.simulator.world.day import HOUR, Column, Columns, Day, Postponed, joined
from infra.simulator.world.phenomena.creators import Creators
from infra.simulator.world.phenomena.follows import Follows, among
from infra.simulator.world.phenomena.people import People
from infra.simulator.world.phenomena.products import Products
from infra.simulator.world.phenomena.registrations import Registrations
from infra.simulator.world.world import Phenomenon, World

Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Spread:
    """What is planted of posts; delays are medians of log-normal distributions. `pass_on` 0 ends all cascades.

    `pass_on` is the mean over posts of those who have it from an author of influence 1, `catching_sigma` the spread of
    posts around it (log-normal); of what comes at second hand a share `second_hand` of `reach` is seen, and it is
    passed on with that share of `pass_on`.
    """

    reach: float = 0.35
    pass_on: float = 0.3
    catching_sigma: float = 0.9
    second_hand: float = 0.085
    posts_a_day: float = 0.04
    seen_by_members: float = 20.0
    with_product: float = 0.8
    seen_after_hours: float = 1.5
    passed_on_after_hours: float = 0.3
    sigma: float = 1.0
    generations: int = 30


class Posts(Phenomenon):
    """The posts of the day and who saw them: table `exposure` of the truth, which no platform writes down whole."""

    needs = (People, Products, Follows, Creators, Registrations)

    def __init__(self, world: World, dice: np.random.Generator) -> None:
        super().__init__(world, dice)
        self.planted = world.planted(Spread)
        self.people, self.products = world[People], world[Products]
        self.follows, self.creators = world[Follows], world[Creators]
        self.registrations = world[Registrations]
        self._late, self._late_reposts = Postponed(), Postponed()

    def happen(self, day: Day, dice: np.random.Generator) -> None:
        """Creators and some others post; posts are seen and passed on."""
        by_creators = self._written(day, self._creators_today(dice), dice)
        catching = self._catching(day, by_creators["post"], dice)
        others = self._members_today(dice)
        by_others = self._written(day, others, dice, taken=len(by_creators["post"]))
        day.tell("post", **joined(by_creators, by_others))
        # Before the cascades, so that how far these go moves nothing else.
        in_community = self._shown_to_members(by_others, dice)
        seen = self._cascade(by_creators, catching, dice)
        exposures = self._late.due(day, joined(seen, in_community))
        day.keep("exposure", **exposures)
        passed_on = exposures["passed_on_us"] >= 0
        reposts = {name: exposures[name][passed_on] for name in ("post", "person", "author", "parent")}
        reposts = {**reposts, "at_us": exposures["passed_on_us"][passed_on]}
        day.tell("repost", **self._late_reposts.due(day, reposts))

    def _creators_today(self, dice: np.random.Generator) -> Ints:
        counts = dice.poisson(self.creators.planted.posts_a_day, len(self.creators.person))
        return np.repeat(self.creators.person, counts)

    def _members_today(self, dice: np.random.Generator) -> Ints:
        rate = self.planted.posts_a_day * self.people.activity * ~self.creators.is_creator
        return np.flatnonzero(dice.random(self.people.count) < rate * self.registrations.is_customer).astype(np.int32)

    def _written(self, day: Day, authors: Ints, dice: np.random.Generator, taken: int = 0) -> Columns:
        product = self.products.choose(self.people.favourite[authors], dice)
        return {
            "post": day.identities(len(authors), taken),
            "author": authors,
            "product": np.where(dice.random(len(authors)) < self.planted.with_product, product, -1).astype(np.int32),
            "emotion": dice.standard_normal(len(authors)).astype(np.float32),
            "at_us": self.people.moments(authors, day, dice),
        }

    def _catching(self, day: Day, posts: Column, dice: np.random.Generator) -> Column:
        """How much more than others each post makes people pass it on: log-normal with a mean of 1."""
        sigma = self.planted.catching_sigma
        catching = np.exp(sigma * dice.standard_normal(len(posts)) - sigma**2 / 2)
        day.keep("post_spread", post=posts, catching=catching.astype(np.float32))
        return catching

    def _cascade(self, posts: Columns, catching: Column, dice: np.random.Generator) -> Columns:
        """Everybody who sees a post, through whom, and when they pass it on (-1: they do not)."""
        chance = np.minimum(self.planted.pass_on * self.creators.influence[posts["author"]] * catching, 1.0)
        index = np.arange(len(posts["post"]))
        who, at = posts["author"], posts["at_us"]
        seen = [index * self.people.count + who]
        waves = []
        for _ in range(self.planted.generations):
            origin, person = self._reached(index, who, seen, dice)
            index = index[origin]
            wave = self._wave(posts, index, person, who[origin])
            wave["at_us"] = at[origin] + self._delay(len(origin), self.planted.seen_after_hours, dice)
            passing = dice.random(len(index)) < chance[index]
            later = self._delay(int(passing.sum()), self.planted.passed_on_after_hours, dice)
            wave["passed_on_us"] = np.full(len(index), -1, np.int64)
            wave["passed_on_us"][passing] = wave["at_us"][passing] + later
            waves.append(wave)
            if not passing.any():
                break
            index, who, at = index[passing], person[passing], wave["passed_on_us"][passing]
            if len(waves) == 1:
                chance = chance * self.planted.second_hand
        return {name: np.concatenate([wave[name] for wave in waves]) for name in waves[0]}

    def _reached(
        self, index: Column, who: Column, seen: list[NDArray[np.int64]], dice: np.random.Generator
    ) -> tuple[Column, Ints]:
        """Followers who see for the first time what somebody wrote or passed on, and the row of who did.

        `seen` are sorted keys of post and person, a list for each wave; the wave's own are added.
        """
        reach = self.planted.reach * (1.0 if len(seen) == 1 else self.planted.second_hand)
        origin, person = self.follows.followers_of.some(who, reach, dice)
        keys = index[origin] * self.people.count + person.astype(np.int64)
        if len(seen) == 1:
            # Followers of one author are sorted, and none of them is the author.
            seen.append(keys)
            return origin, person
        keys, first = np.unique(keys, return_index=True)
        fresh = ~np.any([among(keys, before) for before in seen], axis=0)
        seen.append(keys[fresh])
        first = first[fresh]
        return origin[first], person[first]

    def _shown_to_members(self, posts: Columns, dice: np.random.Generator) -> Columns:
        """Posts of people who are no creators are seen by some members of their community; none passes them on."""
        counts = dice.poisson(self.planted.seen_by_members, len(posts["post"]))
        origin = np.repeat(np.arange(len(counts)), counts)
        author = posts["author"][origin]
        members = self.follows.members(self.follows.community[author], dice)
        # Each of them once, and nobody their own.
        _, first = np.unique(origin * self.people.count + members, return_index=True)
        others = first[members[first] != author[first]]
        origin, members, author = origin[others], members[others], author[others]
        wave = self._wave(posts, origin, members, author)
        wave["at_us"] = posts["at_us"][origin] + self._delay(len(origin), self.planted.seen_after_hours, dice)
        wave["passed_on_us"] = np.full(len(origin), -1, np.int64)
        return wave

    def _wave(self, posts: Columns, index: Column, person: Ints, parent: Ints) -> dict[str, Column]:
        told = {name: posts[name][index] for name in ("post", "author", "product", "emotion")}
        return {**told, "person": person, "parent": parent}

    def _delay(self, count: int, median_hours: float, dice: np.random.Generator) -> NDArray[np.int64]:
        return (median_hours * HOUR * np.exp(self.planted.sigma * dice.standard_normal(count))).astype(np.int64)
