"""What arrives is what was meant, late, twice or broken as the dirt says; each line says what should become of it."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import ClassVar

import numpy as np
import pytest

from infra.simulator.wire.dirt import LEVELS, Dirt, Soiler
from infra.simulator.wire.feed import Feed, find_feeds
from infra.simulator.wire.record import Content, Line, Record, Revised
from infra.simulator.world.day import Day

DAY = date(2026, 3, 2)
MANY = 4_000


class Plain(Feed):
    """A feed of numbered records."""

    name: ClassVar[str] = "plain"
    damages: ClassVar = {"cut": lambda feed, content: feed.write(content)[:-1]}

    def __init__(self) -> None:
        """Needs no world."""

    def records(self, day: Day) -> list[Record]:
        return []

    def revised(self, record: Record) -> Revised:
        wrong = record._replace(content=record.content | {"wrong": True})
        return Revised(wrong, record._replace(content=record.content | {"revision": 1}))

    def contradicted(self, record: Record) -> Record:
        return record._replace(content=record.content | {"other": True})

    def lost(self, record: Record, number: int) -> Content:
        return record.content | {"id": f"lost-{number}"}


def records(count: int = MANY) -> list[Record]:
    return [Record(str(number), DAY, number, "events.plain", {"id": str(number)}) for number in range(count)]


def everything(dirt: Dirt, told: Sequence[Record]) -> dict[date, list[Line]]:
    """All lines by the day they arrive on, those that come after the last day lived among them."""
    soiler = Soiler(Plain(), dirt)
    first = soiler.arriving(DAY, told, np.random.default_rng(1))
    return {DAY: first, **soiler.left()}


def verdicts(arrived: dict[date, list[Line]]) -> Counter[str]:
    return Counter(line.verdict for lines in arrived.values() for line in lines)


def test_without_dirt_everything_arrives_on_its_day_in_order() -> None:
    arrived = everything(LEVELS["none"], records())

    assert list(arrived) == [DAY]
    assert [line.id for line in arrived[DAY]] == [record.id for record in records()]
    assert verdicts(arrived) == {"good": MANY}


@pytest.mark.parametrize("level", ["normal", "heavy"])
def test_nothing_that_was_meant_is_lost(level: str) -> None:
    arrived = everything(LEVELS[level], records())

    good = [line.id for lines in arrived.values() for line in lines if line.verdict == "good"]
    assert sorted(good, key=int) == [record.id for record in records()]


def test_late_records_come_one_to_five_days_later() -> None:
    arrived = everything(Dirt(late=0.5), records())

    assert set(arrived) <= {DAY + timedelta(days=delay) for delay in range(6)}
    late = sum(len(lines) for day, lines in arrived.items() if day > DAY)
    assert 0.4 * MANY < late < 0.6 * MANY
    assert all(line.event_day == DAY for lines in arrived.values() for line in lines)


def test_copies_are_equal_byte_by_byte() -> None:
    arrived = everything(Dirt(duplicated=0.1), records())

    by_id: dict[str | None, set[bytes]] = {}
    for line in (line for lines in arrived.values() for line in lines):
        by_id.setdefault(line.id, set()).add(line.data)
    assert 0 < verdicts(arrived)["duplicate"] < 0.2 * MANY
    assert {len(versions) for versions in by_id.values()} == {1}


def test_a_record_is_revised_or_contradicted_but_not_both() -> None:
    arrived = everything(Dirt(revised=0.3, contradicted=0.3), records())

    by_verdict: dict[str, list[str | None]] = {}
    for line in (line for lines in arrived.values() for line in lines):
        by_verdict.setdefault(line.verdict, []).append(line.id)
    assert by_verdict["superseded"]
    assert by_verdict["conflict"]
    assert not set(by_verdict["superseded"]) & set(by_verdict["conflict"])


def test_of_a_revised_record_the_higher_version_is_good_and_what_was_told_first_superseded() -> None:
    lines = everything(Dirt(revised=0.3, duplicated=0.3, late=0.3), records()).values()
    told = [(line.verdict, json.loads(line.data)) for of_day in lines for line in of_day]

    assert all(("wrong" in content) for verdict, content in told if verdict == "superseded")
    assert not any(("wrong" in content) for verdict, content in told if verdict == "good")
    corrected = {content["id"] for verdict, content in told if verdict == "good" and "revision" in content}
    assert corrected
    assert corrected == {content["id"] for verdict, content in told if verdict == "superseded"}


@pytest.mark.parametrize("level", ["none", "normal", "heavy"])
def test_nothing_arrives_before_the_day_it_happened_on(level: str) -> None:
    after_midnight = DAY + timedelta(days=1)
    told = [record._replace(event_day=after_midnight) if n % 2 else record for n, record in enumerate(records())]

    arrived = everything(LEVELS[level], told)

    days = [(day, line.event_day) for day, lines in arrived.items() for line in lines if line.event_day]
    assert {event_day for _, event_day in days} == {DAY, after_midnight}
    assert all(day >= event_day for day, event_day in days)


def test_broken_lines_have_a_reason_and_nothing_that_a_reader_could_not_know() -> None:
    arrived = everything(Dirt(broken=0.01), records())

    broken = [line for line in arrived[DAY] if line.verdict == "quarantined"]
    assert broken
    assert {(line.reason, line.id, line.event_day, line.target) for line in broken} == {("cut", None, None, None)}


def test_what_comes_at_most_once_a_day_comes_once_where_it_is_wanted() -> None:
    class Long(Plain):
        once_a_day: ClassVar = {"long": lambda feed, content: b"x" * 100}

    def count(dirt: Dirt) -> int:
        lines = Soiler(Long(), dirt).arriving(DAY, records(), np.random.default_rng(1))
        return sum(line.reason == "long" for line in lines)

    assert count(Dirt(broken=0.1, once_a_day=True)) == 1
    assert count(Dirt(broken=0.1)) == 0


def test_whole_objects_go_wrong_with_heavy_dirt_alone() -> None:
    assert {level: dirt.objects > 0 for level, dirt in LEVELS.items()} == {
        "none": False,
        "normal": False,
        "heavy": True,
    }


def test_out_of_order_moves_lines_and_loses_none() -> None:
    arrived = everything(Dirt(out_of_order=0.5), records())

    ids = [str(line.id) for line in arrived[DAY]]
    assert ids != sorted(ids, key=int)
    assert sorted(ids, key=int) == [record.id for record in records()]


def test_feeds_are_found_by_their_files() -> None:
    assert "shop_plugin" in {feed.name for feed in find_feeds()}
