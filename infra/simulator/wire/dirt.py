"""What goes wrong between a platform and those it delivers to: lines that are late, doubled, revised, contradicted, out
of order or broken. Every line says what should become of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle, islice
from typing import Final

import numpy as np

from infra.simulator.wire.feed import Feed
from infra.simulator.wire.record import Line, Record, Verdict


@dataclass(frozen=True)
class Dirt:
    """Shares of a day's records; late ones come one to `latest_days` later, by a log-normal delay."""

    late: float = 0.0
    duplicated: float = 0.0
    revised: float = 0.0
    contradicted: float = 0.0
    out_of_order: float = 0.0
    broken: float = 0.0
    median_late_days: float = 0.6
    late_sigma: float = 0.8
    latest_days: int = 5


LEVELS: Final = {
    "none": Dirt(),
    "normal": Dirt(0.02, 0.01, 0.002, 0.0005, 0.05, 0.003),
    "heavy": Dirt(0.12, 0.08, 0.02, 0.005, 0.40, 0.04),
}


class Soiler:
    """Turns what a feed says of each day into the lines that arrive on each day; late ones wait in it."""

    def __init__(self, feed: Feed, dirt: Dirt) -> None:
        self.feed = feed
        self.dirt = dirt
        self._waiting: dict[date, list[Line]] = {}

    def arriving(self, day: date, records: Sequence[Record], dice: np.random.Generator) -> list[Line]:
        """The lines that arrive on a day: those of its records that are not late, and late ones of days before."""
        lines = self._waiting.pop(day, [])
        told = [self._told(day, record) for record in records]
        delays = self._delays(len(records), dice)
        for line, delay in zip(told, delays, strict=True):
            if delay:
                self._waiting.setdefault(day + timedelta(days=delay), []).append(line)
            else:
                lines.append(line)
        for line, delay in self._further(day, records, dice):
            (self._waiting.setdefault(day + timedelta(days=delay), []) if delay else lines).append(line)
        return self._shuffled(lines, dice)

    def left(self) -> dict[date, list[Line]]:
        """What would arrive after the last day lived, by day."""
        return dict(sorted(self._waiting.items()))

    def _told(self, day: date, record: Record, verdict: Verdict = "good") -> Line:
        identity, event_day, _, target, content = record
        return Line(self.feed.write(content), identity, event_day, target, verdict, None, self.feed.head(day))

    def _delays(self, count: int, dice: np.random.Generator) -> list[int]:
        """Days by which each record is late; 0 for most."""
        dirt = self.dirt
        days = 1 + np.floor(dirt.median_late_days * np.exp(dirt.late_sigma * dice.standard_normal(count)))
        late = dice.random(count) < dirt.late
        delays: list[int] = np.where(late, np.minimum(days, dirt.latest_days), 0).astype(int).tolist()
        return delays

    def _further(self, day: date, records: Sequence[Record], dice: np.random.Generator) -> Iterator[tuple[Line, int]]:
        """Copies, other versions and broken lines, each with the days by which it is late."""
        for index in np.flatnonzero(dice.random(len(records)) < self.dirt.duplicated).tolist():
            yield self._told(day, records[index], "duplicate"), int(dice.random() < 0.3)
        # A record is revised or contradicted, not both: the revision would settle the contradiction.
        drawn = dice.random(len(records))
        for index in np.flatnonzero(drawn < self.dirt.revised).tolist():
            if revised := self.feed.revised(records[index]):
                # Of the two lines the older version loses: one of them is superseded.
                yield self._told(day, revised, "superseded"), int(dice.random() < 0.5)
        for index in np.flatnonzero(drawn > 1 - self.dirt.contradicted).tolist():
            if contradicted := self.feed.contradicted(records[index]):
                yield self._told(day, contradicted, "conflict"), int(dice.random() < 0.5)
        yield from ((line, 0) for line in self._broken(day, records, dice))

    def _broken(self, day: date, records: Sequence[Record], dice: np.random.Generator) -> Iterator[Line]:
        """Lines that go wrong in each way in turn, each at least once on a day where there is dirt of the kind."""
        damages = self.feed.damages
        if not (self.dirt.broken and records and damages):
            return
        count = max(len(damages), round(self.dirt.broken * len(records)))
        origin = dice.integers(0, len(records), count).tolist()
        for number, (reason, damage) in enumerate(islice(cycle(damages.items()), count)):
            content = self.feed.lost(records[origin[number]], number)
            broken = damage(self.feed, content)
            yield Line(broken, None, None, None, "quarantined", reason, self.feed.head(day))

    def _shuffled(self, lines: list[Line], dice: np.random.Generator) -> list[Line]:
        """The lines with some of them somewhere else."""
        if not self.dirt.out_of_order:
            return lines
        place = np.arange(len(lines), dtype=np.float64)
        moved = dice.random(len(lines)) < self.dirt.out_of_order
        place[moved] = dice.uniform(0, len(lines), int(moved.sum()))
        return [lines[index] for index in np.argsort(place, kind="stable")]
