"""The same samples as `realism_real`, from the world as it is planted: one that is wide and one that is long."""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from infra.simulator.world.day import DAY, Columns
from infra.simulator.world.phenomena.follows import Follows
from infra.simulator.world.world import Setting, World
from tests.bench.realism_rules import (
    WINDOW_DAYS,
    Samples,
    cascades,
    co_reviewers,
    days_between,
    ring_samples,
    share,
    to_mean,
    to_median,
)

START = date(2026, 3, 2)
WIDE = (200_000, 14)
LONG = (8_000, WINDOW_DAYS)
"""People and days: networks, cascades and rings need many people, purchases of one person many days."""
COMMON_PRODUCTS = 2
SPREAD_DAYS = 3
"""Posts of the last days are left out: they have not been passed on for long enough."""
Kept = dict[str, Columns]


def made_up(wide: tuple[int, int] = WIDE, long: tuple[int, int] = LONG) -> dict[str, Samples]:
    """Samples by the data set that they are held against."""
    return {**_of_wide(*wide), **_of_long(*long)}


def _of_wide(people: int, days: int) -> dict[str, Samples]:
    world = World(Setting(people, START))
    told = {
        "repost": ("post", "person", "parent", "author"),
        "group_closed": ("is_full",),
        "order": ("group",),
        "review": ("person", "product", "rating"),
    }
    kept = _lived(world, days, told)
    degree = to_mean(_neighbours(world[Follows]))
    size, depth = cascades(*(kept["repost"][name] for name in told["repost"]))
    _, members = np.unique(kept["order"]["group"][kept["order"]["group"] >= 0], return_counts=True)
    review = kept["review"]
    hired = world.given()["ring_member"]["person"].astype(np.int64)
    pairs = co_reviewers(review["person"], review["product"], COMMON_PRODUCTS)
    return {
        "twitch": {f"follow degree, {country}": degree for country in ("DE", "ENGB", "ES")},
        "weibo_cascades": {"cascade size": size, "cascade depth": depth},
        "beibei_groupbuy": {"group is filled": kept["group_closed"]["is_full"], "size of filled group": members},
        "ciao": {"rating": review["rating"], "trust out-degree": to_mean(world[Follows].followed_by.degrees())},
        "review_spam": ring_samples(pairs, hired, np.setdiff1d(review["person"], hired)),
    }


def _of_long(people: int, days: int) -> dict[str, Samples]:
    told = {
        "order": ("order", "person", "at_us", "total_fen"),
        "order_line": ("order", "quantity", "unit_price_fen"),
        "refund": ("order",),
    }
    kept = _lived(World(Setting(people, START)), days, told)
    order, line, refund = kept["order"], kept["order_line"], kept["refund"]
    gaps = days_between(order["person"], order["at_us"] // DAY)
    returned = share(len(refund["order"]) / len(line["order"]), len(line["order"]))
    baskets = share(len(np.unique(refund["order"])) / len(order["order"]), len(order["order"]))
    _, lines = np.unique(line["order"], return_counts=True)
    return {
        "online_retail": {
            "basket value": to_median(order["total_fen"]),
            "lines per basket": lines,
            "line is returned": returned,
            "basket has a return": baskets,
            "days between purchases": gaps,
        },
        "completejourney": {
            "value of a line": to_median(line["quantity"] * line["unit_price_fen"]),
            "days between purchases": gaps,
        },
    }


def _lived(world: World, days: int, told: Mapping[str, Sequence[str]]) -> Kept:
    """Some columns of some tables over all days; reposts only of posts that had time to spread."""
    kept: dict[tuple[str, str], list[NDArray[np.generic]]] = {}
    young = np.zeros(0, np.int64)
    for day in world.days(days):
        if day.number >= days - SPREAD_DAYS:
            young = np.union1d(young, day.tables["post"]["post"])
        for table, columns in told.items():
            rows = day.tables[table]
            old = ~np.isin(rows["post"], young) if table == "repost" else slice(None)
            for name in columns:
                kept.setdefault((table, name), []).append(rows[name][old])
    return {table: {name: np.concatenate(kept[table, name]) for name in columns} for table, columns in told.items()}


def _neighbours(follows: Follows) -> NDArray[np.int64]:
    """How many others each is connected with, whoever follows."""
    graph = follows.followed_by
    count = len(graph.degrees())
    begin = np.repeat(np.arange(count), graph.degrees())
    pairs = np.unique(np.minimum(begin, graph.ends) * count + np.maximum(begin, graph.ends))
    return np.bincount(pairs // count, minlength=count) + np.bincount(pairs % count, minlength=count)
