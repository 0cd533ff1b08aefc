"""Platform A, link sharing: what its interface tells. It has no shop; links lead to products of the community shop.

Flat snake_case, whole numbers as ids, times without a zone on the market's clock, yuan as text. One item is one
activity: activity_id, kind, created_at, account_id, and what the kind has. A post or a report that was edited has the
same id and a higher edit.
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
from infra.simulator.wire.identities import BITS, Names, Scrambler
from infra.simulator.wire.money import yuan
from infra.simulator.wire.naming import Called
from infra.simulator.wire.record import IN_TIME, Content, Record, Revised
from infra.simulator.wire.references import References, campaign_name, campaign_platform
from infra.simulator.wire.times import business_days, market_text
from infra.simulator.world.day import HOUR, SECOND, Column, Day, chosen
from infra.simulator.world.phenomena.accounts import LINKS, LIVESTREAM, Accounts
from infra.simulator.world.world import World

TARGETS: Final[Mapping[str, str]] = {
    "account": "events.account",
    "follow": "events.follow",
    "unfollow": "events.follow",
    "post": "events.post",
    "repost": "events.repost",
    "share": "events.interaction",
    "click": "events.interaction",
    "ad_report": "events.ad_spend",
    "creator_contract": "events.creator_contract",
}
KINDS: Final = tuple(TARGETS)


class SocialA(Feed):
    """Everything that platform A knows of: who follows whom, what is posted and sent, and which links are opened."""

    name: ClassVar[str] = "social_a"
    form: ClassVar[Form] = ItemStream()

    def __init__(self, world: World, evolves_on: date | None = None) -> None:
        super().__init__(world, evolves_on)
        self.people, self.references = Names(world, LINKS), References(world)
        self._elsewhere = Names(world, LIVESTREAM)
        self._ids = Scrambler(world, "activity", self.name)

    def records(self, day: Day) -> list[Record]:
        """All activities of a day, in the order of time."""
        activities = [
            self._accounts(day),
            self._follows(day, "following", "follow"),
            self._follows(day, "follow", "follow"),
            self._follows(day, "unfollow", "unfollow"),
            self._posts(day),
            self._reposts(day),
            self._shares(day),
            self._clicks(day),
            self._ad_reports(day),
            self._contracts(day),
        ]
        found = [record for one in activities for record in self._records(one)]
        return sorted(found, key=IN_TIME)

    def names(self) -> Iterator[Called]:
        """Truth: accounts."""
        people = np.flatnonzero(self.world[Accounts].has[:, LINKS])
        yield Called("account", people.tolist(), self._people(people))

    def names_of(self, day: Day) -> Iterator[Called]:
        """Truth: posts."""
        posts = day.tables["post"]
        posts = chosen(posts, self.references.post_platforms(posts["post"], posts["author"]) == LINKS)
        yield Called("post", posts["post"].tolist(), self.references.posts_of_links(posts["post"]))

    def revised(self, record: Record) -> Revised | None:
        """A post whose link was put in later, or a report with a click that was counted later."""
        content = record.content
        if content["kind"] == "post" and "link_product_id" in content:
            wrong = {name: value for name, value in content.items() if name != "link_product_id"}
        elif content["kind"] == "ad_report" and content["clicks"]:
            wrong = content | {"clicks": content["clicks"] - 1}
        else:
            return None
        return Revised(record._replace(content=wrong), record._replace(content=content | {"edit": 1}))

    def contradicted(self, record: Record) -> Record | None:
        """The same link with another product behind it."""
        content = record.content
        if record.target != "events.interaction":
            return None
        other = "p000000" if content["link_product_id"] != "p000000" else "p000001"
        return record._replace(content=content | {"link_product_id": other})

    def lost(self, record: Record, number: int) -> Content:
        """An activity of which nothing but a broken item is known."""
        return record.content | {"activity_id": (record.content["activity_id"] ^ number) + 2**BITS}

    def _records(self, activities: Activities) -> Iterator[Record]:
        kind, at_us = activities.kind, activities.at_us
        ids = self._ids(activities.numbers * len(KINDS) + KINDS.index(kind)).tolist()
        columns = ids, at_us.tolist(), market_text(at_us), business_days(at_us), activities.contents
        for number, at, text, day, content in zip(*columns, strict=True):
            told = {"activity_id": number, "kind": kind, "created_at": text.replace("T", " "), **content}
            yield Record(str(number), day, at, TARGETS[kind], told)

    def _people(self, people: Column) -> list[int]:
        numbers: list[int] = (10_000_000 + self.people.accounts[people]).tolist()
        return numbers

    def _accounts(self, day: Day) -> Activities:
        """Everybody's account, when the first day begins."""
        people = np.flatnonzero(self.world[Accounts].has[:, LINKS] & (day.number == 0))
        contents = (
            {"account_id": name} | {f"{hint}_sha256": value for hint, value in self.people.hints(person).items()}
            for person, name in zip(people.tolist(), self._people(people), strict=True)
        )
        return Activities("account", people, np.full(len(people), day.begin_us, np.int64), contents)

    def _follows(self, day: Day, table: str, kind: str) -> Activities:
        rows = numbered(day, table)
        rows = chosen(rows, self.references.follow_platforms(rows["follower"], rows["followed"]) == LINKS)
        pairs = zip(self._people(rows["follower"]), self._people(rows["followed"]), strict=True)
        # Both tables of the first day count their rows from the same number.
        numbers = rows["number"] * 2 + (table == "following")
        contents = ({"account_id": one, "followed_account_id": other} for one, other in pairs)
        return Activities(kind, numbers, rows["at_us"], contents)

    def _posts(self, day: Day) -> Activities:
        posts = day.tables["post"]
        posts = chosen(posts, self.references.post_platforms(posts["post"], posts["author"]) == LINKS)
        names, authors = self.references.posts_of_links(posts["post"]), self._people(posts["author"])
        columns = authors, names, self._links(posts["product"])
        contents = ({"account_id": one, "post_id": post, **link} for one, post, link in zip(*columns, strict=True))
        return Activities("post", posts["post"], posts["at_us"], contents)

    def _reposts(self, day: Day) -> Activities:
        rows = numbered(day, "repost")
        on = self.references.post_platforms(rows["post"], rows["author"])
        rows = chosen(rows, (on == LINKS) & self.people.have_accounts(rows["person"]))
        names, people = self.references.posts_of_links(rows["post"]), self._people(rows["person"])
        columns = people, names, self._people(rows["parent"]), self.people.have_accounts(rows["parent"]).tolist()
        contents = (
            {"account_id": person, "post_id": post, **({"via_account_id": via} if is_known else {})}
            for person, post, via, is_known in zip(*columns, strict=True)
        )
        return Activities("repost", rows["number"], rows["at_us"], contents)

    def _shares(self, day: Day) -> Activities:
        """Links to products that somebody sends to somebody."""
        rows = chosen(day.tables["share"], self.people.have_accounts(day.tables["share"]["sharer"]))
        columns = self._people(rows["sharer"]), self.references.shares(rows["share"]), self._links(rows["product"])
        contents = ({"account_id": one, "share_id": share, **link} for one, share, link in zip(*columns, strict=True))
        return Activities("share", rows["share"], rows["at_us"], contents)

    def _clicks(self, day: Day) -> Activities:
        """Links of posts and messages that were opened, by whom where that is known; the visit goes on in a shop."""
        visits = day.tables["visit"]
        visits = chosen(visits, self.references.are_from_links(visits))
        posts = self.references.posts_of_links(visits["post"].clip(0))
        shares = self.references.shares(visits["share"].clip(0))
        origins = [
            {"post_id": post} if is_post else {"share_id": share}
            for is_post, post, share in zip((visits["post"] >= 0).tolist(), posts, shares, strict=True)
        ]
        known = self.people.have_accounts(visits["person"]).tolist()
        columns = self._people(visits["person"]), known, origins, self._links(visits["product"])
        contents = (
            {**({"account_id": one} if is_known else {}), **origin, **link}
            for one, is_known, origin, link in zip(*columns, strict=True)
        )
        return Activities("click", visits["visit"], visits["at_us"], contents)

    def _links(self, products: Column) -> list[Content]:
        named = zip(self.references.shop_products(products), products.tolist(), strict=True)
        return [{"link_product_id": name} if product >= 0 else {} for name, product in named]

    def _ad_reports(self, day: Day) -> Activities:
        """What was spent on the campaigns that run here, told when the day ends."""
        rows = numbered(day, "ad_spend")
        rows = chosen(rows, campaign_platform(rows["campaign"]) == LINKS)
        columns = (rows[name].tolist() for name in ("campaign", "impressions", "clicks", "cost_fen"))
        contents = (
            {"campaign_id": campaign_name(one), "impressions": shown, "clicks": clicked, "cost_yuan": yuan(cost)}
            for one, shown, clicked, cost in zip(*columns, strict=True)
        )
        return Activities("ad_report", rows["number"], np.full(len(rows["number"]), day.end_us - SECOND), contents)

    def _contracts(self, day: Day) -> Activities:
        """Contracts with creators who have an account here and none on platform B, signed at nine in the morning."""
        rows = numbered(day, "creator_contract")
        creators = rows["creator"]
        rows = chosen(rows, self.people.have_accounts(creators) & ~self._elsewhere.have_accounts(creators))
        columns = self._people(rows["creator"]), rows["fee_fen"].tolist(), rows["days"].tolist()
        contents = (
            {"account_id": creator, "fee_yuan": yuan(fee), "days": days}
            for creator, fee, days in zip(*columns, strict=True)
        )
        at = np.full(len(rows["number"]), day.begin_us + 9 * HOUR)
        return Activities("creator_contract", rows["number"], at, contents)

    damages: ClassVar[Mapping[str, Damage]] = {
        "wrong_type": in_turn(as_text("activity_id"), with_value("edit", 2.7)),
        "unknown_type": of_no_kind("kind"),
        "missing_id": without("activity_id"),
        "invalid_time": with_value("created_at", "2026-02-30 10:00:00"),
        "before_first_day": with_value("created_at", "1969-12-31 23:59:59"),
        "too_far_in_future": with_value("created_at", "2199-01-01 00:00:00"),
        "invalid_revision": with_more(b'"edit":100000000000000000000'),
        "duplicate_key": with_more(b'"activity_id":1'),
        "wrong_case_key": in_other_case("kind", "Kind"),
        "nul_character": NUL_ESCAPE,
        "too_deep": TOO_DEEP,
        "not_an_object": NOT_AN_OBJECT,
    }
