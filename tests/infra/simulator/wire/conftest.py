"""What the feeds tell of a small world, lived once for all tests that only look at it."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from infra.simulator.wire.feed import Feed, find_feeds
from infra.simulator.wire.record import Record
from infra.simulator.world.day import Day
from infra.simulator.world.world import Setting, World

START = date(2026, 3, 2)
EVOLVES_ON = START + timedelta(days=1)


@dataclass(frozen=True)
class Told:
    """A feed and its records, a list for each day; the schema evolves on the second one."""

    feed: Feed
    days: tuple[Day, ...]
    records: tuple[list[Record], ...]

    @property
    def all(self) -> list[Record]:
        """The records of all days."""
        return [record for records in self.records for record in records]

    def of_target(self, target: str) -> list[Record]:
        """The records that are meant for a kind of event."""
        return [record for record in self.all if record.target == target]

    def where(self, key: str, value: str) -> list[dict[str, Any]]:
        """The contents in which a key says something."""
        return [record.content for record in self.all if record.content.get(key) == value]


@cache
def told(people: int = 5_000, days: int = 3) -> dict[str, Told]:
    """What every feed tells of the same days, by its name."""
    world = World(Setting(people, START))
    feeds = [kind(world, EVOLVES_ON) for kind in find_feeds()]
    lived = tuple(world.days(days))
    return {feed.name: Told(feed, lived, tuple(feed.records(day) for day in lived)) for feed in feeds}
