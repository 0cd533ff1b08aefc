"""Platform B, livestream and short video with a shop of its own: what its interface tells.

Nested camelCase, ids of text with a prefix, milliseconds since 1970, whole fen. One item is one activity:
activityId, eventType, occurredAt, user.userId, and below item, order, video, ... what the kind has. A revised activity
has the same id and a higher rev. From the day its schema evolves on, item.title is called item.name.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import ClassVar, Final

import numpy as np

from infra.simulator.wire.activities import Activities, numbered
from infra.simulator.wire.damages import (
    NOT_AN_OBJECT,
    NUL_ESCAPE,
    TOO_DEEP,
    Damage,
    as_text,
    in_other_case,
    in_turn,
    of_no_kind,
    with_more,
    with_value,
    without,
)
from infra.simulator.wire.feed import Feed
from infra.simulator.wire.forms import Form, ItemStream
from infra.simulator.wire.identities import Names, Scrambler
from infra.simulator.wire.livestream import LivestreamShop
from infra.simulator.wire.naming import Called
from infra.simulator.wire.ratings import another_rating
from infra.simulator.wire.record import IN_TIME, Content, Record, Revised
from infra.simulator.wire.references import References, campaign_name, campaign_platform
from infra.simulator.wire.times import business_days
from infra.simulator.world.day import HOUR, SECOND, Day, chosen
from infra.simulator.world.phenomena.accounts import LIVESTREAM, Accounts
from infra.simulator.world.world import World

INTERACTION: Final = "events.interaction"
TARGETS: Final[Mapping[str, str]] = {
    "account": "events.account",
    "follow": "events.follow",
    "unfollow": "events.follow",
    "video": "events.post",
    "repost": "events.repost",
    **dict.fromkeys(("search", "view", "like", "save", "comment", "addCart", "removeCart", "checkout"), INTERACTION),
    "item": "events.product",
    "order": "events.order",
    "orderLine": "events.order_line",
    "orderLineCancelled": "events.order_line",
    "review": "events.review",
    "adReport": "events.ad_spend",
    "creatorContract": "events.creator_contract",
}
KINDS: Final = tuple(TARGETS)
OLD_TITLE, NEW_TITLE = "title", "name"


class SocialB(Feed):
    """Everything that platform B knows of, its shop and its advertising included."""

    name: ClassVar[str] = "social_b"
    form: ClassVar[Form] = ItemStream(renamed={f"item.{OLD_TITLE}": f"item.{NEW_TITLE}"})

    def __init__(self, world: World, evolves_on: date | None = None) -> None:
        super().__init__(world, evolves_on)
        self.people, self.references = Names(world, LIVESTREAM), References(world)
        self.shop = LivestreamShop(world, self.people, self.references)
        self._ids = Scrambler(world, "activity", self.name)

    def records(self, day: Day) -> list[Record]:
        """All activities of a day, in the order of time."""
        title = NEW_TITLE if self.has_evolved(day.date) else OLD_TITLE
        activities = [
            self._accounts(day),
            self._follows(day, "following", "follow"),
            self._follows(day, "follow", "follow"),
            self._follows(day, "unfollow", "unfollow"),
            self._videos(day, title),
            self._reposts(day),
            *self.shop.activities(day, title),
            self._ad_reports(day),
            self._contracts(day),
        ]
        found = [record for one in activities for record in self._records(one)]
        return sorted(found, key=IN_TIME)

    def names(self) -> Iterator[Called]:
        """Truth: accounts and items."""
        people = np.flatnonzero(self.world[Accounts].has[:, LIVESTREAM])
        yield Called("account", people.tolist(), [user["userId"] for user in self.shop.users(people)])
        items = [item["itemId"] for item in self.shop.items(OLD_TITLE)]
        yield Called("product", range(len(items)), items)

    def names_of(self, day: Day) -> Iterator[Called]:
        """Truth: posts and orders."""
        posts, orders = day.tables["post"], day.tables["order"]
        posts = chosen(posts, self.references.post_platforms(posts["post"], posts["author"]) == LIVESTREAM)
        yield Called("post", posts["post"].tolist(), self.references.videos(posts["post"]))
        orders = chosen(orders, orders["platform"] == LIVESTREAM)
        yield Called("order", orders["order"].tolist(), self.references.orders(orders["order"], orders["platform"]))

    def revised(self, record: Record) -> Revised | None:
        """An order line whose quantity was wrong at first, or a rating that was changed."""
        content = record.content
        if content["eventType"] == "orderLine":
            wrong = {"order": content["order"] | {"quantity": content["order"]["quantity"] + 1}}
        elif content["eventType"] == "review":
            wrong = {"review": {"rating": another_rating(content["review"]["rating"])}}
        else:
            return None
        return Revised(record._replace(content=content | wrong), record._replace(content=content | {"rev": 1}))

    def contradicted(self, record: Record) -> Record | None:
        """The same interaction with another item."""
        content = record.content
        if record.target != INTERACTION or "item" not in content:
            return None
        item = content["item"]
        other = "itm_000000" if item["itemId"] != "itm_000000" else "itm_000001"
        return record._replace(content=content | {"item": item | {"itemId": other}})

    def lost(self, record: Record, number: int) -> Content:
        """An activity of which nothing but a broken item is known."""
        return record.content | {"activityId": f"{record.id}_lost{number}"}

    def _records(self, activities: Activities) -> Iterator[Record]:
        kind, at_us = activities.kind, activities.at_us
        ids = self._ids(activities.numbers * len(KINDS) + KINDS.index(kind)).tolist()
        columns = ids, at_us.tolist(), business_days(at_us), activities.contents
        for number, at, day, content in zip(*columns, strict=True):
            identity = f"act_{number:013x}"
            told = {"activityId": identity, "eventType": kind, "occurredAt": at // 1000, **content}
            yield Record(identity, day, at, TARGETS[kind], told)

    def _accounts(self, day: Day) -> Activities:
        """Everybody's account, when the first day begins."""
        people = np.flatnonzero(self.world[Accounts].has[:, LIVESTREAM] & (day.number == 0))
        contents = (
            {"user": user, "hints": {f"{hint}Sha256": value for hint, value in self.people.hints(person).items()}}
            for person, user in zip(people.tolist(), self.shop.users(people), strict=True)
        )
        return Activities("account", people, np.full(len(people), day.begin_us, np.int64), contents)

    def _follows(self, day: Day, table: str, kind: str) -> Activities:
        rows = numbered(day, table)
        on = self.references.follow_platforms(rows["follower"], rows["followed"])
        rows = chosen(rows, on == LIVESTREAM)
        pairs = zip(self.shop.users(rows["follower"]), self.shop.users(rows["followed"]), strict=True)
        # Both tables of the first day count their rows from the same number.
        numbers = rows["number"] * 2 + (table == "following")
        return Activities(kind, numbers, rows["at_us"], ({"user": user, "target": whom} for user, whom in pairs))

    def _videos(self, day: Day, title: str) -> Activities:
        posts = day.tables["post"]
        posts = chosen(posts, self.references.post_platforms(posts["post"], posts["author"]) == LIVESTREAM)
        items = self.shop.items(title)
        videos = self.references.videos(posts["post"])
        columns = self.shop.users(posts["author"]), videos, posts["product"].tolist()
        contents = (
            {"user": user, "video": {"videoId": video}, **({"item": items[product]} if product >= 0 else {})}
            for user, video, product in zip(*columns, strict=True)
        )
        return Activities("video", posts["post"], posts["at_us"], contents)

    def _reposts(self, day: Day) -> Activities:
        rows = numbered(day, "repost")
        on = self.references.post_platforms(rows["post"], rows["author"])
        rows = chosen(rows, (on == LIVESTREAM) & self.people.have_accounts(rows["person"]))
        known = self.people.have_accounts(rows["parent"]).tolist()
        videos, users = self.references.videos(rows["post"]), self.shop.users(rows["person"])
        columns = users, videos, self.shop.users(rows["parent"]), known
        contents = (
            {"user": user, "video": {"videoId": video}, **({"via": via} if is_known else {})}
            for user, video, via, is_known in zip(*columns, strict=True)
        )
        return Activities("repost", rows["number"], rows["at_us"], contents)

    def _ad_reports(self, day: Day) -> Activities:
        """What was spent on the campaigns that run here, told when the day ends."""
        rows = numbered(day, "ad_spend")
        rows = chosen(rows, campaign_platform(rows["campaign"]) == LIVESTREAM)
        columns = (rows[name].tolist() for name in ("campaign", "impressions", "clicks", "cost_fen"))
        contents = (
            {"report": {"campaignId": campaign_name(one), "impressions": shown, "clicks": clicked, "costFen": cost}}
            for one, shown, clicked, cost in zip(*columns, strict=True)
        )
        return Activities("adReport", rows["number"], np.full(len(rows["number"]), day.end_us - SECOND), contents)

    def _contracts(self, day: Day) -> Activities:
        """Contracts with creators who have an account here, signed at nine in the morning."""
        rows = numbered(day, "creator_contract")
        rows = chosen(rows, self.people.have_accounts(rows["creator"]))
        columns = self.shop.users(rows["creator"]), rows["fee_fen"].tolist(), rows["days"].tolist()
        contents = (
            {"user": user, "contract": {"feeFen": fee, "days": days}} for user, fee, days in zip(*columns, strict=True)
        )
        at = np.full(len(rows["number"]), day.begin_us + 9 * HOUR)
        return Activities("creatorContract", rows["number"], at, contents)

    damages: ClassVar[Mapping[str, Damage]] = {
        "wrong_type": in_turn(as_text("occurredAt"), with_value("rev", 2.7)),
        "unknown_type": of_no_kind("eventType"),
        "missing_id": without("activityId"),
        "invalid_time": in_turn(with_value("occurredAt", 2**63 - 1), with_value("occurredAt", -1_000)),
        "before_first_day": with_value("occurredAt", 0),
        "too_far_in_future": with_value("occurredAt", 7_226_553_600_000),
        "invalid_revision": with_more(b'"rev":100000000000000000000'),
        "duplicate_key": with_more(b'"activityId":"act_other"'),
        "wrong_case_key": in_other_case("eventType", "EventType"),
        "nul_character": NUL_ESCAPE,
        "too_deep": TOO_DEEP,
        "not_an_object": NOT_AN_OBJECT,
    }
