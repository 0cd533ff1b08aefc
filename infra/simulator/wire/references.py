"""What one feed says of what another one tells: orders, products, posts, links and campaigns by their names there.

Where something happened on several platforms at once, it is told on one of them, always the same.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from infra.simulator.wire.identities import Names, Scrambler
from infra.simulator.wire.record import Content
from infra.simulator.world.day import Column, Columns
from infra.simulator.world.phenomena.accounts import COMMUNITY, LINKS, LIVESTREAM, PLATFORMS
from infra.simulator.world.phenomena.products import Products
from infra.simulator.world.streams import Streams
from infra.simulator.world.world import World

NOWHERE: Final = -1
SHOPS: Final = {LIVESTREAM: "B", COMMUNITY: "C"}
"""The platforms that have a shop, as the payment service calls them."""


class References:
    """The names of things on every platform of a world; columns in, a text or number for each row out."""

    def __init__(self, world: World) -> None:
        self._names = {platform: Names(world, platform) for platform in (LINKS, LIVESTREAM)}
        self._orders = {platform: Scrambler(world, "order", PLATFORMS[platform]) for platform in SHOPS}
        self._posts = {platform: Scrambler(world, "post", PLATFORMS[platform]) for platform in self._names}
        self._shares, self._toss = Scrambler(world, "share"), Scrambler(world, "toss")
        streams, count = Streams(world.setting.seed), world[Products].count
        self._items = streams.of("names", "items").permutation(count)
        self._shop_products = streams.of("names", "shop_products").permutation(count)

    def orders(self, orders: Column, platforms: Column) -> list[str]:
        """The order number that the shop of each order's platform gave it."""
        of_b = [f"ord_{number:013x}" for number in self._orders[LIVESTREAM](orders).tolist()]
        of_c = [f"o{number:013x}" for number in self._orders[COMMUNITY](orders).tolist()]
        chosen = zip(platforms.tolist(), of_b, of_c, strict=True)
        return [b if platform == LIVESTREAM else c for platform, b, c in chosen]

    def shop_products(self, products: Column) -> list[str]:
        """What products are called in the community shop; links that are shared lead there."""
        return [f"p{number:06d}" for number in self._shop_products[products].tolist()]

    def items(self, products: Column) -> list[str]:
        """What products are called in the shop of the livestream."""
        return [f"itm_{number:06d}" for number in self._items[products].tolist()]

    def posts_of_links(self, posts: Column) -> list[int]:
        """What posts are called on platform A."""
        numbers: list[int] = self._posts[LINKS](posts).tolist()
        return numbers

    def videos(self, posts: Column) -> list[str]:
        """What posts are called on platform B."""
        return [f"vid_{number:013x}" for number in self._posts[LIVESTREAM](posts).tolist()]

    def shares(self, shares: Column) -> list[int]:
        """What links that somebody sent are called on platform A."""
        numbers: list[int] = self._shares(shares).tolist()
        return numbers

    def post_platforms(self, posts: Column, authors: Column) -> NDArray[np.int8]:
        """Where each post stands: where its author has an account, on one of the two; nowhere without any."""
        return self._one(posts, *(names.have_accounts(authors) for names in self._names.values()))

    def follow_platforms(self, followers: Column, followed: Column) -> NDArray[np.int8]:
        """Where somebody follows somebody: where both have accounts, on one of the two."""
        both = (names.have_accounts(followers) & names.have_accounts(followed) for names in self._names.values())
        return self._one(followers.astype(np.int64) * 2**24 + followed, *both)

    def referrers(self, visits: Columns) -> list[Content | None]:
        """What a shop learns of where a visitor comes from: the post, the link or the campaign, by its name there."""
        on, linked = self._origins(visits)
        columns = (
            on.tolist(),
            self.posts_of_links(visits["post"].clip(0)),
            self.videos(visits["post"].clip(0)),
            np.where(linked, self._shares(visits["share"].clip(0)), NOWHERE).tolist(),
            visits["campaign"].tolist(),
        )
        return [_referrer(*row) for row in zip(*columns, strict=True)]

    def are_from_links(self, visits: Columns) -> NDArray[np.bool_]:
        """Which visits come of a post or a message on platform A."""
        on, linked = self._origins(visits)
        come: NDArray[np.bool_] = (on == LINKS) | linked
        return come

    def _origins(self, visits: Columns) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
        """The platform of the post that each visit comes of, and whether it comes of a message on platform A."""
        on = self.post_platforms(visits["post"].clip(0), visits["because_of"])
        linked = (visits["share"] >= 0) & self._names[LINKS].have_accounts(visits["because_of"])
        return np.where(visits["post"] >= 0, on, NOWHERE).astype(np.int8), linked

    def _one(self, numbers: Column, on_a: NDArray[np.bool_], on_b: NDArray[np.bool_]) -> NDArray[np.int8]:
        toss = self._toss(numbers) % 2 == 0
        a = on_a & (~on_b | toss)
        return np.where(a, LINKS, np.where(on_b, LIVESTREAM, NOWHERE)).astype(np.int8)


def campaign_platform(campaigns: Column) -> NDArray[np.int8]:
    """The platform that each campaign runs on: they take turns."""
    return np.where(campaigns % 2 == 0, LINKS, LIVESTREAM).astype(np.int8)


def campaign_name(campaign: int) -> str:
    """What a campaign is called by who pays for it, on every platform alike."""
    return f"C{campaign:03d}"


def _referrer(on: int, post: int, video: str, share: int, campaign: int) -> Content | None:
    if on != NOWHERE:
        return {"platform": PLATFORMS[on], "post": str(post) if on == LINKS else video}
    if share != NOWHERE:
        return {"platform": PLATFORMS[LINKS], "share": str(share)}
    if campaign != NOWHERE:
        return {"platform": PLATFORMS[int(campaign_platform(np.array(campaign)))], "campaign": campaign_name(campaign)}
    return None
