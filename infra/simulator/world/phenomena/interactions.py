"""What people do while they look: searches, views, likes, carts, checkouts, step by step within each visit."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from infra.simulator.world.channels import Channel
from infra.simulator.world.day import SECOND, Column, Columns, Day
from infra.simulator.world.phenomena.brushing import Brushing
from infra.simulator.world.phenomena.discovery import Discovery
from infra.simulator.world.phenomena.products import Products
from infra.simulator.world.phenomena.purchases import Purchases
from infra.simulator.world.world import Phenomenon, World

ACTIONS: Final = ("search", "view", "like", "save", "comment", "add_cart", "remove_cart", "checkout")


@dataclass(frozen=True)
class Steps:
    """What is planted of a visit; a like's log-odds rise by `emotion_likes` with each unit of emotion."""

    further_views: float = 0.55
    like_log_odds: float = -1.8
    emotion_likes: float = 0.7
    saves: float = 0.08
    comments: float = 0.05
    carts: float = 0.12
    takes_out: float = 0.3
    seconds_between: float = 35.0


class Interactions(Phenomenon):
    """Every step of every visit in time."""

    needs = (Products, Discovery, Purchases, Brushing)

    def __init__(self, world: World, dice: np.random.Generator) -> None:
        super().__init__(world, dice)
        self.planted = world.planted(Steps)
        self.products, self.discovery, self.brushing = world[Products], world[Discovery], world[Brushing]

    def happen(self, day: Day, dice: np.random.Generator) -> None:
        """Visits as a row for each step; who bought has put it into the cart and checked out."""
        visits, hired = self.discovery.visits, self.brushing.visits
        counts = self._counts(visits["channel"], visits["emotion"], day.truth["decision"]["bought"], dice)
        # After all others, so that theirs move nobody else's.
        always = np.ones(len(hired["visit"]), np.bool_)
        of_hired = self._counts(hired["channel"], hired["emotion"], always, dice)
        day.tell("interaction", **self._taken(day, visits, counts, 0, dice))
        day.tell("interaction", **self._taken(day, hired, of_hired, int(counts.sum()), dice))

    def _taken(self, day: Day, visits: Columns, counts: Column, told: int, dice: np.random.Generator) -> Columns:
        """The steps of some visits, by their counts, in their order; so many others have been told of before."""
        visit, action = _steps(counts)
        seconds = dice.exponential(self.planted.seconds_between, len(visit)) + 1
        begins = np.searchsorted(visit, np.arange(len(counts)))
        passed = np.cumsum(seconds)
        passed -= (passed - seconds)[begins[visit]] + seconds[begins[visit]]
        product = visits["product"][visit]
        further = (action == ACTIONS.index("view")) & ~_is_first(visit, action)
        product = np.where(further, self.products.choose(self.products.category[product], dice), product)
        product = np.where(action == ACTIONS.index("search"), -1, product)
        return {
            "interaction": day.identities(len(visit), told),
            "visit": visits["visit"][visit],
            "person": visits["person"][visit],
            "platform": visits["platform"][visit],
            "action": action,
            "product": product.astype(np.int32),
            "at_us": visits["at_us"][visit] + (passed * SECOND).astype(np.int64),
        }

    def _counts(self, channel: Column, emotion: Column, bought: Column, dice: np.random.Generator) -> NDArray[np.int64]:
        """How often each action is taken in each visit, an action a column."""
        planted, count = self.planted, len(channel)
        like = 1 / (1 + np.exp(-(planted.like_log_odds + planted.emotion_likes * emotion)))
        cart = bought | (dice.random(count) < planted.carts)
        columns = {
            "search": channel == Channel.SEARCH,
            "view": dice.geometric(1 - planted.further_views, count),
            "like": dice.random(count) < like,
            "save": dice.random(count) < planted.saves,
            "comment": dice.random(count) < planted.comments,
            "add_cart": cart,
            "remove_cart": cart & ~bought & (dice.random(count) < planted.takes_out),
            "checkout": bought,
        }
        return np.column_stack([columns[action] for action in ACTIONS]).astype(np.int64)


def _steps(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """The visit and the action of each step, visit after visit, actions in their order."""
    flat = np.repeat(np.arange(counts.size), counts.ravel())
    return flat // counts.shape[1], (flat % counts.shape[1]).astype(np.int8)


def _is_first(visit: Column, action: Column) -> NDArray[np.bool_]:
    """Whether a step is the first of its action in its visit."""
    key = visit * len(ACTIONS) + action
    return np.concatenate([[True], key[1:] != key[:-1]]) if len(key) else np.zeros(0, np.bool_)
