"""A small made-up community shop whose plugin writes CloudEvents, with the dirt that real deliveries have."""

import gzip
import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from tests.support.shop_session import APP, WEB, Session, ShopEvent

ZONE = ZoneInfo("Asia/Shanghai")
OBJECTS_A_DAY = 3
MANIFEST_SUFFIX = ".manifest.json"
ONE_DAY = timedelta(days=1)
DAY_SECONDS = 86_400


class Line(NamedTuple):
    """A line of a delivery, and the event it tells of."""

    text: str
    event: ShopEvent


def _dumped(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class ShopSample:
    """The shop: the same seed and day give the same delivery, whatever else was asked before.

    `dirt` is the share of events that come a day late, come twice or carry an unknown field, each.
    """

    seed: int = 7
    visitors: int = 200
    sessions_a_day: int = 120
    dirt: float = 0.02

    def events(self, day: date) -> list[ShopEvent]:
        """Every event of a business day by its time, also those of visits that began before midnight."""
        begun = [event for first in (day - ONE_DAY, day) for event in self._begun_on(first)]
        return sorted((event for event in begun if event.at.date() == day), key=lambda event: (event.at, event.id))

    def deliver(self, day: date, folder: Path) -> list[Path]:
        """Write the objects of a day, each with its manifest beside it; returns the objects.

        Late events of the day before are among them, those of the day itself are not.
        """
        folder.mkdir(parents=True, exist_ok=True)
        parts = _parts(self._lines(day))
        names = [f"{day}-{letter}.jsonl.gz" for letter in "abcdefghij"[: len(parts)]]
        return [_write_object(folder / name, part) for name, part in zip(names, parts, strict=True)]

    def _begun_on(self, day: date) -> Iterator[ShopEvent]:
        """Yield the events of the visits that began on a day: a few in the night, most in the evening."""
        dice = random.Random(f"{self.seed}/{day}")
        midnight = datetime.combine(day, time(), ZONE)
        for number in range(self.sessions_a_day):
            # A few visitors come often, most rarely.
            visitor = int(self.visitors * dice.random() ** 2)
            begin = midnight + timedelta(seconds=int(DAY_SECONDS * dice.random() ** 0.6))
            yield from Session(dice, f"{day:%Y%m%d}-{number:05d}", visitor, begin, dice.choice((APP, WEB))).happen()

    def _lines(self, day: date) -> list[Line]:
        """Return the lines of a delivery in the order they are written."""
        dice = random.Random(f"{self.seed}/{day}/delivery")
        on_time = [event for event in self.events(day) if not self._is_late(event)]
        late = [event for event in self.events(day - ONE_DAY) if self._is_late(event)]
        lines = [self._line(event, dice) for event in late + on_time]
        copies = [line for line in lines if dice.random() < self.dirt]
        for line in copies:
            lines.insert(dice.randrange(len(lines) + 1), line)
        return lines

    def _is_late(self, event: ShopEvent) -> bool:
        return random.Random(f"{self.seed}/{event.id}/late").random() < self.dirt

    def _line(self, event: ShopEvent, dice: random.Random) -> Line:
        unknown = {"campaign": "spring"} if dice.random() < self.dirt else {}
        return Line(_dumped(event.content() | {"data": event.data | unknown}), event)


def _parts(lines: list[Line]) -> list[list[Line]]:
    """Cut the lines of a day into objects of about equal size."""
    size = max(1, -(-len(lines) // OBJECTS_A_DAY))
    return [lines[start : start + size] for start in range(0, len(lines), size)]


def _write_object(path: Path, lines: list[Line]) -> Path:
    """Write an object and its manifest; the bytes depend on the lines alone."""
    stored = gzip.compress("".join(f"{line.text}\n" for line in lines).encode(), mtime=0)
    path.write_bytes(stored)
    manifest = {"object": path.name, "lines": len(lines), "sha256": hashlib.sha256(stored).hexdigest()}
    path.with_name(path.name + MANIFEST_SUFFIX).write_text(json.dumps(manifest))
    return path
