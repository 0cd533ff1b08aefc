"""Platform B writes nested camelCase, ids of text with a prefix, milliseconds and whole fen."""

import re
from collections.abc import Iterator

import pytest

from infra.simulator.wire.feeds.social_b import TARGETS
from tests.infra.simulator.wire.conftest import Told, told

CAMEL_CASE = re.compile(r"[a-z]+([A-Z][a-z0-9]*)*")
PREFIXES = {"activityId": "act_", "userId": "usr_", "itemId": "itm_", "orderId": "ord_", "videoId": "vid_"}


@pytest.fixture
def said() -> Told:
    return told()["social_b"]


def leaves(content: dict[str, object]) -> Iterator[tuple[str, object]]:
    for key, value in content.items():
        yield key, value
        if isinstance(value, dict):
            yield from leaves(value)


def test_all_kinds_are_told(said: Told) -> None:
    assert {record.content["eventType"] for record in said.all} == set(TARGETS)


def test_each_kind_is_meant_for_its_table(said: Told) -> None:
    assert all(record.target == TARGETS[record.content["eventType"]] for record in said.all)


def test_keys_are_camel_case_and_ids_have_their_prefix(said: Told) -> None:
    for record in said.all:
        for key, value in leaves(record.content):
            assert CAMEL_CASE.fullmatch(key), key
            assert str(value).startswith(PREFIXES.get(key, "")), (key, value)


def test_times_are_whole_milliseconds(said: Told) -> None:
    assert all(record.content["occurredAt"] == record.at_us // 1000 for record in said.all)


def test_money_is_whole_fen(said: Told) -> None:
    (lines,) = {type(content["order"]["unitPriceFen"]) for content in said.where("eventType", "orderLine")}
    (costs,) = {type(content["report"]["costFen"]) for content in said.where("eventType", "adReport")}
    (fees,) = {type(content["contract"]["feeFen"]) for content in said.where("eventType", "creatorContract")}

    assert lines is costs is fees is int


def test_accounts_are_told_once_when_the_first_day_begins(said: Told) -> None:
    accounts = said.of_target("events.account")

    users = [record.content["user"]["userId"] for record in accounts]
    assert len(set(users)) == len(users)
    assert {record.at_us for record in accounts} == {said.days[0].begin_us}


def test_everybody_who_does_something_has_an_account(said: Told) -> None:
    known = {content["user"]["userId"] for content in said.where("eventType", "account")}

    assert {record.content["user"]["userId"] for record in said.all if "user" in record.content} == known


def test_hints_are_hashes_and_absent_where_missing(said: Told) -> None:
    hints = [content["hints"] for content in said.where("eventType", "account")]

    assert {name for one in hints for name in one} == {"phoneSha256", "emailSha256", "deviceSha256"}
    assert any(len(one) < 3 for one in hints)
    assert all(re.fullmatch("[0-9a-f]{64}", value) for one in hints for value in one.values())


def test_a_title_is_called_a_name_from_the_day_the_schema_evolves(said: Told) -> None:
    keys = [{key for record in records for key in record.content.get("item", {})} for records in said.records]

    assert [found & {"title", "name"} for found in keys] == [{"title"}, {"name"}, {"name"}]


def test_a_revision_has_a_higher_version(said: Told) -> None:
    revised = [other.later for record in said.all if (other := said.feed.revised(record))]

    assert {other.content["eventType"] for other in revised} == {"orderLine", "review"}
    assert {other.content["rev"] for other in revised} == {1}
    assert not any("rev" in record.content for record in said.all)


def test_a_rating_that_is_put_right_was_another_one(said: Told) -> None:
    revised = [other for record in said.of_target("events.review") if (other := said.feed.revised(record))]
    before = [one.first.content["review"]["rating"] for one in revised]
    after = [one.later.content["review"]["rating"] for one in revised]

    assert {abs(first - last) for first, last in zip(before, after, strict=True)} == {1}
    assert set(before) <= {1, 2, 3, 4, 5}
