"""What holds for every feed that has a file."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from expectations.contract import find_contracts
from infra.simulator.wire.feed import find_feeds
from infra.simulator.wire.forms import ItemStream
from infra.simulator.wire.record import Record
from tests.infra.simulator.wire.conftest import EVOLVES_ON, Told, told

FEEDS = find_feeds()
TARGETS = {name.removeprefix("raw."): set(one.source.targets) for name, one in find_contracts().items() if one.source}
"""By source, the tables that its contract names."""

EVOLVED = {"payment_sdk": (set[str](), {"CHANNEL_FEE_YUAN"}), "social_b": ({"item.title"}, {"item.name"})}
"""By feed, the keys that go and those that come with a newer schema."""


@pytest.fixture(params=[feed.name for feed in FEEDS])
def said(request: pytest.FixtureRequest) -> Told:
    return told()[request.param]


def test_ids_are_unique(said: Told) -> None:
    ids = [record.id for record in said.all]

    assert ids
    assert len(set(ids)) == len(ids)


def test_a_feed_tells_something_for_each_table_that_its_contract_names_and_for_no_other(said: Told) -> None:
    assert {record.target for record in said.all} == TARGETS[said.feed.name]


def test_records_come_in_the_order_of_time_with_the_business_day_of_the_market(said: Told) -> None:
    for records in said.records:
        assert [record.at_us for record in records] == sorted(record.at_us for record in records)
    for record in said.all:
        moment = datetime.fromtimestamp(record.at_us // 1_000_000, UTC)
        assert record.event_day == moment.astimezone(ZoneInfo("Asia/Shanghai")).date()


def test_a_line_is_one_line_with_the_id_in_it(said: Told) -> None:
    for record in said.all:
        line = said.feed.write(record.content)
        assert b"\n" not in line
        assert record.id.encode() in line


def test_whatever_is_revised_or_contradicted_keeps_its_id_and_says_something_else(said: Told) -> None:
    for record in said.all:
        for other in (*(said.feed.revised(record) or ()), said.feed.contradicted(record)):
            if other:
                assert other[:4] == record[:4]
                assert said.feed.write(other.content) != said.feed.write(record.content)
                assert record.id.encode() in said.feed.write(other.content)


def test_what_a_revision_says_last_is_what_happened(said: Told) -> None:
    for record in said.all:
        if revised := said.feed.revised(record):
            more = revised.later.content.keys() - record.content.keys()
            assert len(more) == 1, "the version"
            assert {k: v for k, v in revised.later.content.items() if k not in more} == record.content
            assert not more & revised.first.content.keys()
            assert revised.first.content != record.content


def test_records_that_are_lost_of_one_record_have_ids_of_their_own(said: Told) -> None:
    lost = [said.feed.write(said.feed.lost(said.all[0], number)) for number in range(100)]

    assert len(set(lost)) == len(lost)


def test_a_damaged_line_differs_from_a_sound_one_and_stays_on_its_line(said: Told) -> None:
    for number, record in enumerate(said.all[:50]):
        lost = said.feed.lost(record, number)
        assert lost != record.content
        for reason, damage in said.feed.damages.items():
            broken = damage(said.feed, lost)
            assert broken != said.feed.write(lost), reason
            assert b"\n" not in broken, reason


@pytest.mark.parametrize("name", [feed.name for feed in FEEDS if isinstance(feed.form, ItemStream)])
def test_a_broken_item_of_an_api_is_one_complete_value(name: str) -> None:
    said = told()[name]
    for record in said.all[:50]:
        for damage in said.feed.damages.values():
            json.loads(damage(said.feed, said.feed.lost(record, 1)))


def test_schemas_evolve_on_their_day_and_not_before(said: Told) -> None:
    # Nothing is settled on the first day.
    before, after = keys_of(said.records[0] or said.records[1]), keys_of([*said.records[1], *said.records[2]])
    gone, come = EVOLVED.get(said.feed.name, (set(), set()))

    assert said.days[1].date == EVOLVES_ON
    assert after - before == come
    assert gone <= before
    assert not gone & after


def keys_of(records: list[Record]) -> set[str]:
    """The keys of all contents, by their path."""
    return {path for record in records for path in paths(record.content)}


def paths(content: dict[str, Any], above: str = "") -> Iterator[str]:
    for key, value in content.items():
        yield above + key
        if isinstance(value, dict):
            yield from paths(value, f"{above}{key}.")


def test_no_record_speaks_of_the_truth(said: Told) -> None:
    forbidden = re.compile(rb"person|brush|ring_|influence|emotion|treated|channel_mix", re.IGNORECASE)
    for record in said.all:
        assert not forbidden.search(said.feed.write(record.content))
