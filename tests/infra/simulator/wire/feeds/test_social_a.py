"""Platform A writes flat snake_case, whole numbers as ids, times without a zone and yuan as text."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from infra.simulator.wire.feeds.social_a import TARGETS
from tests.infra.simulator.wire.conftest import Told, told

IDS = ("activity_id", "account_id", "followed_account_id", "via_account_id", "post_id", "share_id")


@pytest.fixture
def said() -> Told:
    return told()["social_a"]


def test_all_kinds_are_told_and_meant_for_their_tables(said: Told) -> None:
    assert {record.content["kind"]: record.target for record in said.all} == dict(TARGETS)


def test_keys_are_snake_case_and_nothing_is_nested(said: Told) -> None:
    for record in said.all:
        assert all(re.fullmatch("[a-z0-9]+(_[a-z0-9]+)*", key) for key in record.content)
        assert not any(isinstance(value, dict | list) for value in record.content.values())


def test_ids_are_whole_numbers_that_every_reader_of_json_holds(said: Told) -> None:
    for record in said.all:
        ids = [record.content[name] for name in IDS if name in record.content]
        assert all(type(number) is int and 0 <= number < 2**53 for number in ids)


def test_times_have_no_zone_and_are_on_the_clock_of_the_market(said: Told) -> None:
    for record in said.all:
        on_clock = datetime.fromtimestamp(record.at_us // 1_000_000, UTC) + timedelta(hours=8)
        assert record.content["created_at"] == f"{on_clock:%Y-%m-%d %H:%M:%S}"


def test_money_is_yuan_as_text(said: Told) -> None:
    costs = [content["cost_yuan"] for content in said.where("kind", "ad_report")]
    fees = [content["fee_yuan"] for content in said.where("kind", "creator_contract")]

    assert costs
    assert fees
    assert all(re.fullmatch(r"[0-9]+\.[0-9]{2}", text) for text in costs + fees)


def test_follows_are_between_accounts_of_the_platform(said: Told) -> None:
    known = {content["account_id"] for content in said.where("kind", "account")}

    ends = {(one["account_id"], one["followed_account_id"]) for one in said.where("kind", "follow")}

    assert {account for pair in ends for account in pair} <= known


def test_nobody_is_unfollowed_who_was_not_followed(said: Told) -> None:
    followed = {(one["account_id"], one["followed_account_id"]) for one in said.where("kind", "follow")}
    ended = {(one["account_id"], one["followed_account_id"]) for one in said.where("kind", "unfollow")}

    assert ended
    assert ended <= followed


def test_a_follow_is_told_on_one_platform_alone(said: Told) -> None:
    edges = len(said.days[0].tables["following"]["follower"])
    of_a = [one for one in said.records[0] if one.content["kind"] == "follow" and one.at_us == said.days[0].begin_us]
    first = told()["social_b"].records[0]
    of_b = [one for one in first if one.content["eventType"] == "follow" and one.at_us == said.days[0].begin_us]

    # The rest is between people of no common platform.
    assert 0.6 * edges < len(of_a) + len(of_b) < edges


def test_links_that_are_opened_were_posted_or_sent(said: Told) -> None:
    posts = {content["post_id"] for content in said.where("kind", "post")}
    sent = {content["share_id"] for content in said.where("kind", "share")}
    on_the_last_day = [one.content for one in said.records[-1] if one.content["kind"] == "click"]

    of_posts = [one["post_id"] in posts for one in on_the_last_day if "post_id" in one]
    of_messages = [one["share_id"] in sent for one in on_the_last_day if "share_id" in one]

    # What was posted or sent before the first day is not told.
    assert sum(of_posts) > 0.9 * len(of_posts) > 0
    assert sum(of_messages) > 0.9 * len(of_messages) > 0


def test_a_visit_of_the_shop_names_the_post_or_the_link_that_was_opened(said: Told) -> None:
    clicks = said.where("kind", "click")
    opened = {("post", str(one["post_id"])) for one in clicks if "post_id" in one}
    opened |= {("share", str(one["share_id"])) for one in clicks if "share_id" in one}
    events = told()["shop_plugin"].of_target("events.interaction")
    referrers = [event.content["data"]["referrer"] for event in events if "referrer" in event.content["data"]]

    named = {pair for one in referrers if one["platform"] == "a" for pair in one.items()} - {("platform", "a")}

    assert {(what, name) for what, name in named if what != "campaign"} <= opened
    assert {what for what, _ in named} == {"post", "share", "campaign"}


def test_an_edited_post_has_a_higher_version_and_had_no_link(said: Told) -> None:
    posts = [record for record in said.all if "link_product_id" in record.content and record.content["kind"] == "post"]

    edited = [other for record in posts if (other := said.feed.revised(record))]

    assert len(edited) == len(posts)
    assert {one.later.content["edit"] for one in edited} == {1}
    assert not any("link_product_id" in one.first.content for one in edited)
    assert all("link_product_id" in one.later.content for one in edited)
