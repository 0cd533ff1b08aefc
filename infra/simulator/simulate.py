"""Days of the world as files: what platforms drop on each day, and the truth beside it, which no pipeline reads.

out/world.json                            the setting and everything that is planted
out/deliveries/<day>/<source>/<object>    what arrives on a day, each object with its manifest
out/truth/<table>.parquet                 truth that holds from the first day on
out/truth/<table>/<day>.parquet           truth of a day; `ledger` has a row for each record that was delivered
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from infra.simulator.wire.dirt import Dirt, Soiler
from infra.simulator.wire.feed import Feed, find_feeds
from infra.simulator.wire.ledger import write_ledger
from infra.simulator.wire.objects import write_json_lines
from infra.simulator.wire.record import Line
from infra.simulator.world.day import Columns, Day
from infra.simulator.world.streams import Streams
from infra.simulator.world.world import VERSION, Setting, World

Tell = Callable[[Day, int], None]
"""Told a day that was written and how many records arrived on it."""


def simulate(setting: Setting, days: int, dirt: Dirt, out: Path, tell: Tell = lambda day, records: None) -> None:
    """Write some days of a world; the bytes depend on the setting and the dirt alone."""
    world = World(setting)
    feeds = [(feed, Soiler(feed, dirt)) for feed in (kind(world) for kind in find_feeds())]
    streams = Streams(setting.seed)
    _write_truth(out / "truth", world.given())
    for day in world.days(days):
        arrived = [_deliver(out, day.date, feed, _arriving(streams, day, feed, soiler)) for feed, soiler in feeds]
        _write_truth(out / "truth", day.truth, day.date)
        tell(day, sum(arrived))
    for feed, soiler in feeds:
        for late_day, lines in soiler.left().items():
            _deliver(out, late_day, feed, lines)
    told = {"version": VERSION, "setting": asdict(setting), "days": days, "dirt": asdict(dirt)}
    text = json.dumps({**told, "planted": world.all_planted()}, indent=1, default=str, sort_keys=True)
    (out / "world.json").write_text(f"{text}\n")


def _arriving(streams: Streams, day: Day, feed: Feed, soiler: Soiler) -> list[Line]:
    return soiler.arriving(day.date, feed.records(day), streams.of("dirt", feed.name, day.date))


def _deliver(out: Path, day: date, feed: Feed, lines: list[Line]) -> int:
    """Write what arrives of a feed on a day, and what should become of it; returns the number of records."""
    folder = out / "deliveries" / day.isoformat() / feed.name
    delivered = write_json_lines(folder, feed.name, day.isoformat(), lines)
    write_ledger(out / "truth" / "ledger" / f"{day}-{feed.name}.parquet", delivered)
    return len(lines)


def _write_truth(folder: Path, tables: dict[str, Columns], day: date | None = None) -> None:
    for name, columns in tables.items():
        file = folder / name / f"{day}.parquet" if day else folder / f"{name}.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(_table(columns), file)


def _table(columns: Columns) -> pa.Table:
    """Columns as a table; a column of several values a row becomes a list."""
    arrays: Iterable[pa.Array] = (pa.array(list(c) if c.ndim > 1 else c) for c in columns.values())
    return pa.table(dict(zip(columns, arrays, strict=True)))
