"""Platform C, the community shop: what it says of accounts, invitations, coupons, group buys, reviews and groups.

CloudEvents 1.0 like those of the plugin, from a source of their own, all in UTC; ids are text.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import ClassVar, Final

import numpy as np

from infra.simulator.wire.activities import numbered
from infra.simulator.wire.cloud_events import EVENT_DAMAGES, EVENT_ONCE_A_DAY, cloud_events, visitors
from infra.simulator.wire.damages import Damage
from infra.simulator.wire.feed import Feed
from infra.simulator.wire.identities import Names, Scrambler
from infra.simulator.wire.naming import Called
from infra.simulator.wire.ratings import another_rating
from infra.simulator.wire.record import IN_TIME, Content, Record, Revised
from infra.simulator.wire.references import References
from infra.simulator.wire.times import utc_text
from infra.simulator.world.day import Column, Day, chosen
from infra.simulator.world.phenomena.accounts import COMMUNITY
from infra.simulator.world.world import World

SOURCE: Final = "/shop/community"
TARGETS: Final[Mapping[str, str]] = {
    "shop.account.registered": "events.account",
    "shop.invite.sent": "events.invite",
    "shop.coupon.issued": "events.coupon",
    "shop.coupon.redeemed": "events.coupon",
    "shop.group.opened": "events.group_buy",
    "shop.group.joined": "events.group_buy",
    "shop.group.closed": "events.group_buy",
    "shop.review.written": "events.review",
    "shop.membership.joined": "events.community_membership",
    "shop.membership.left": "events.community_membership",
}
KINDS: Final = tuple(TARGETS)


class ShopCommunity(Feed):
    """What the community shop tells beside visits and orders."""

    name: ClassVar[str] = "shop_community"
    damages: ClassVar[Mapping[str, Damage]] = EVENT_DAMAGES
    once_a_day: ClassVar[Mapping[str, Damage]] = EVENT_ONCE_A_DAY

    def __init__(self, world: World, evolves_on: date | None = None) -> None:
        super().__init__(world, evolves_on)
        self.people, self.references = Names(world, COMMUNITY), References(world)
        self._ids = Scrambler(world, "event", self.name)
        things = ("invite", "coupon", "group")
        self._things = {thing: Scrambler(world, thing, self.name) for thing in things}

    def records(self, day: Day) -> list[Record]:
        """Everything of a day, in the order of time."""
        found = [
            *self._registered(day),
            *self._invited(day),
            *self._issued(day),
            *self._redeemed(day),
            *self._opened(day),
            *self._joined(day),
            *self._closed(day),
            *self._reviewed(day),
            *self._memberships(day),
        ]
        return sorted(found, key=IN_TIME)

    def names_of(self, day: Day) -> Iterator[Called]:
        """Truth: invitations, coupons and groups."""
        for thing, table in {"invite": "invite", "coupon": "coupon_issued", "group": "group_opened"}.items():
            numbers = day.tables[table][thing]
            yield Called(thing, numbers.tolist(), self._named(thing, numbers))

    def revised(self, record: Record) -> Revised | None:
        """A review whose rating was changed."""
        data = record.content["data"]
        if "rating" not in data:
            return None
        before = record.content | {"data": data | {"rating": another_rating(data["rating"])}}
        return Revised(record._replace(content=before), record._replace(content=record.content | {"revision": 1}))

    def contradicted(self, record: Record) -> Record | None:
        """Another community that was joined or left."""
        data = record.content["data"]
        if "community_id" not in data:
            return None
        other = "g0000" if data["community_id"] != "g0000" else "g0001"
        return record._replace(content=record.content | {"data": data | {"community_id": other}})

    def lost(self, record: Record, number: int) -> Content:
        """An event of which nothing but a broken line is known."""
        return record.content | {"id": f"{record.id}-lost-{number}"}

    def _registered(self, day: Day) -> Iterator[Record]:
        rows = numbered(day, "registration")
        rows = chosen(rows, self.people.have_accounts(rows["person"]))
        invites = zip(self._named("invite", rows["invite"]), rows["invite"].tolist(), strict=True)
        columns = rows["person"].tolist(), self._people(rows["person"]), invites
        contents = (
            {
                **who,
                "hints": {f"{hint}_sha256": value for hint, value in self.people.hints(person).items()},
                **({"invite_id": invite} if number >= 0 else {}),
            }
            for person, who, (invite, number) in zip(*columns, strict=True)
        )
        return self._events("shop.account.registered", rows["number"], rows["at_us"], contents)

    def _invited(self, day: Day) -> Iterator[Record]:
        rows = day.tables["invite"]
        pairs = zip(self._people(rows["inviter"]), self._named("invite", rows["invite"]), strict=True)
        contents = (who | {"invite_id": invite} for who, invite in pairs)
        return self._events("shop.invite.sent", rows["invite"], rows["at_us"], contents)

    def _issued(self, day: Day) -> Iterator[Record]:
        rows = day.tables["coupon_issued"]
        until = [f"{text}Z" for text in utc_text(rows["until_us"])]
        columns = self._people(rows["person"]), self._named("coupon", rows["coupon"]), until
        contents = (who | {"coupon_id": one, "valid_until": end} for who, one, end in zip(*columns, strict=True))
        return self._events("shop.coupon.issued", rows["coupon"], rows["at_us"], contents)

    def _redeemed(self, day: Day) -> Iterator[Record]:
        rows, orders = day.tables["coupon_redeemed"], day.tables["order"]
        platform = orders["platform"][np.searchsorted(orders["order"], rows["order"])]
        names = self.references.orders(rows["order"], platform)
        columns = self._people(rows["person"]), self._named("coupon", rows["coupon"]), names
        contents = (who | {"coupon_id": one, "order_id": order} for who, one, order in zip(*columns, strict=True))
        return self._events("shop.coupon.redeemed", rows["coupon"], rows["at_us"], contents)

    def _opened(self, day: Day) -> Iterator[Record]:
        rows = day.tables["group_opened"]
        products = self.references.shop_products(rows["product"])
        columns = self._people(rows["person"]), self._named("group", rows["group"]), products, rows["size"].tolist()
        contents = (
            who | {"group_id": group, "product_id": product, "size": size}
            for who, group, product, size in zip(*columns, strict=True)
        )
        return self._events("shop.group.opened", rows["group"], rows["at_us"], contents)

    def _joined(self, day: Day) -> Iterator[Record]:
        rows = numbered(day, "group_joined")
        pairs = zip(self._people(rows["person"]), self._named("group", rows["group"]), strict=True)
        contents = (who | {"group_id": group} for who, group in pairs)
        return self._events("shop.group.joined", rows["number"], rows["at_us"], contents)

    def _closed(self, day: Day) -> Iterator[Record]:
        rows = day.tables["group_closed"]
        pairs = zip(self._named("group", rows["group"]), rows["is_full"].tolist(), strict=True)
        contents = ({"group_id": group, "filled": is_full} for group, is_full in pairs)
        return self._events("shop.group.closed", rows["group"], rows["at_us"], contents)

    def _reviewed(self, day: Day) -> Iterator[Record]:
        rows = numbered(day, "review")
        rows = chosen(rows, rows["platform"] == COMMUNITY)
        orders = self.references.orders(rows["order"], rows["platform"])
        products = self.references.shop_products(rows["product"])
        columns = self._people(rows["person"]), orders, products, rows["rating"].tolist()
        contents = (
            who | {"order_id": order, "product_id": product, "rating": rating}
            for who, order, product, rating in zip(*columns, strict=True)
        )
        return self._events("shop.review.written", rows["number"], rows["at_us"], contents)

    def _memberships(self, day: Day) -> Iterator[Record]:
        for kind, joins in {"shop.membership.joined": True, "shop.membership.left": False}.items():
            rows = numbered(day, "membership")
            rows = chosen(rows, rows["joins"] == joins)
            pairs = zip(self._people(rows["person"]), rows["group"].tolist(), strict=True)
            contents = (who | {"community_id": f"g{group:04d}"} for who, group in pairs)
            yield from self._events(kind, rows["number"], rows["at_us"], contents)

    def _people(self, people: Column) -> list[Content]:
        return visitors(self.people, people, np.ones(len(people), np.bool_))

    def _named(self, thing: str, numbers: Column) -> list[str]:
        """Things by their names; those that are not there (-1) by one that does not count."""
        return [f"{thing}-{number:013x}" for number in self._things[thing](numbers.clip(0)).tolist()]

    def _events(self, kind: str, numbers: Column, at_us: Column, contents: Iterable[Content]) -> Iterator[Record]:
        ids = [f"e{number:013x}" for number in self._ids(numbers * len(KINDS) + KINDS.index(kind)).tolist()]
        return cloud_events(ids, [SOURCE] * len(ids), [kind] * len(ids), at_us, contents, TARGETS[kind])
