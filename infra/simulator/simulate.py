"""Days of the world as files: what platforms drop on each day, and the truth beside it, which no pipeline reads.

out/world.json                            the setting and everything that is planted
out/deliveries/<day>/<source>/<object>    what is dropped on a day, each object with its manifest
out/api/<source>/<day>.jsonl              what an interface has to tell from a day on
out/truth/<table>.parquet                 truth that holds from the first day on
out/truth/<table>/<day>.parquet           truth of a day; `ledger` has a row for each record that was delivered,
                                          `object_ledger` for each object that was dropped
"""

import gc
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from infra.simulator.wire.dirt import Dirt, Soiler
from infra.simulator.wire.dropped import Dropped
from infra.simulator.wire.feed import Feed, find_feeds
from infra.simulator.wire.ledger import ObjectLedger, write_ledger
from infra.simulator.wire.naming import as_table
from infra.simulator.wire.object_dirt import ObjectSoiler
from infra.simulator.wire.record import Line
from infra.simulator.world.causes import order_causes
from infra.simulator.world.day import Columns, Day
from infra.simulator.world.streams import Streams
from infra.simulator.world.world import VERSION, Setting, World

Tell = Callable[[Day, int], None]
"""Told a day that was written and how many records arrived on it."""

SCHEMAS_EVOLVE_AFTER: Final = 0.6
"""Share of a run after which platforms write newer schemas."""


class Platform:
    """A feed, and what goes wrong between it and those it delivers to."""

    def __init__(self, feed: Feed, dirt: Dirt, streams: Streams, ledger: ObjectLedger) -> None:
        self.feed = feed
        self.soiler, self.objects = Soiler(feed, dirt), ObjectSoiler(dirt.objects)
        self._streams, self._ledger = streams, ledger

    def arriving(self, day: Day) -> list[Line]:
        """The lines that arrive on a day that is lived."""
        return self.soiler.arriving(
            day.date, self.feed.records(day), self._streams.of("dirt", self.feed.name, day.date)
        )

    def deliver(self, out: Path, day: date, lines: list[Line]) -> int:
        """Write what arrives on a day, and what should become of it; returns the number of records."""

        def soil(sound: list[Dropped]) -> list[Dropped]:
            dropped = self.objects.soiled(sound, self._streams.of("objects", name, day))
            self._ledger.add(day, name, dropped)
            return dropped

        name, form = self.feed.name, self.feed.form
        if day == self.feed.evolves_on:
            form.announce(out, name, day)
        delivered = form.deliver(out, name, day, lines, soil)
        write_ledger(out / "truth" / "ledger" / f"{day}-{name}.parquet", delivered)
        return len(lines)


def simulate(setting: Setting, days: int, dirt: Dirt, out: Path, tell: Tell = lambda day, records: None) -> None:
    """Write some days of a world; the bytes depend on the setting and the dirt alone."""
    world = World(setting)
    evolves_on = day_of_evolution(setting.start, days)
    streams, ledger = Streams(setting.seed), ObjectLedger()
    platforms = [Platform(kind(world, evolves_on), dirt, streams, ledger) for kind in find_feeds()]
    feeds = [one.feed for one in platforms]
    names = as_table((feed.name, one) for feed in feeds for one in feed.names())
    for day in _without_looking_for_cycles(world.days(days)):
        arrived = [one.deliver(out, day.date, one.arriving(day)) for one in platforms]
        if day.number == 0:
            # Not before, as some of it is set while the world warms up.
            _write_truth(out / "truth", {**world.given(), "name": names})
        names_of_day = as_table((feed.name, one) for feed in feeds for one in feed.names_of(day))
        _write_truth(out / "truth", {**day.truth, "name": names_of_day, "order_cause": order_causes(day)}, day.date)
        tell(day, sum(arrived))
    for platform in platforms:
        for late_day, lines in platform.soiler.left().items():
            platform.deliver(out, late_day, lines)
    ledger.write(out / "truth" / "object_ledger")
    told = {"version": VERSION, "setting": asdict(setting), "days": days, "dirt": asdict(dirt)}
    text = json.dumps({**told, "planted": world.all_planted()}, indent=1, default=str, sort_keys=True)
    (out / "world.json").write_text(f"{text}\n")


def _without_looking_for_cycles(days: Iterable[Day]) -> Iterator[Day]:
    """Days one after another; what is made of them has no cycles, and to look for some takes a quarter of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield from days
    finally:
        if was_enabled:
            gc.enable()


def day_of_evolution(start: date, days: int) -> date | None:
    """The day from which schemas are newer: never the first one, and none in a run of a single day."""
    after = max(1, int(days * SCHEMAS_EVOLVE_AFTER))
    return start + timedelta(days=after) if after < days else None


def _write_truth(folder: Path, tables: dict[str, Columns], day: date | None = None) -> None:
    for name, columns in tables.items():
        file = folder / name / f"{day}.parquet" if day else folder / f"{name}.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(_table(columns), file)


def _table(columns: Columns) -> pa.Table:
    """Columns as a table; a column of several values a row becomes a list."""
    arrays: Iterable[pa.Array] = (pa.array(list(c) if c.ndim > 1 else c) for c in columns.values())
    return pa.table(dict(zip(columns, arrays, strict=True)))
