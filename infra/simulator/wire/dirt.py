"""What goes wrong between a platform and those it delivers to: lines that are late, doubled, revised, contradicted, out
of order or broken. Every line says what should become of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, cycle, islice
from typing import Final, NamedTuple, TypeVar

import numpy as np

from infra.simulator.wire.feed import Feed
from infra.simulator.wire.record import Line, Record, Revised, Verdict

One = TypeVar("One")


@dataclass(frozen=True)
class Dirt:
    """Shares of a day's records; late ones come one to `latest_days` later, by a log-normal delay.

    `objects` is the share of a day's dropped objects that has each of the kinds of `object_dirt`. Of the lines that a
    feed has at most `once_a_day` it has each one, or none.
    """

    late: float = 0.0
    duplicated: float = 0.0
    revised: float = 0.0
    contradicted: float = 0.0
    out_of_order: float = 0.0
    broken: float = 0.0
    objects: float = 0.0
    once_a_day: bool = False
    median_late_days: float = 0.6
    late_sigma: float = 0.8
    latest_days: int = 5


LEVELS: Final = {
    "none": Dirt(),
    "normal": Dirt(0.02, 0.01, 0.002, 0.0005, 0.05, 0.003),
    "heavy": Dirt(0.12, 0.08, 0.02, 0.005, 0.40, 0.04, objects=0.1, once_a_day=True),
}


class Arriving(NamedTuple):
    """A line of a record, and the days by which it is late."""

    record: Record
    line: Line
    delay_days: int


class Soiler:
    """Turns what a feed says of each day into the lines that arrive on each day; late ones wait in it."""

    def __init__(self, feed: Feed, dirt: Dirt) -> None:
        self.feed = feed
        self.dirt = dirt
        self._waiting: dict[date, list[Line]] = {}

    def arriving(self, day: date, records: Sequence[Record], dice: np.random.Generator) -> list[Line]:
        """The lines that arrive on a day: those of its records that are not late, and late ones of days before."""
        lines = self._waiting.pop(day, [])
        revised, contradicted = self._told_twice(records, dice)
        first = list(records)
        for index, (wrong, _) in revised.items():
            first[index] = wrong
        told = (self._told(day, one, "superseded" if i in revised else "good") for i, one in enumerate(first))
        delays = self._delays(len(records), dice)
        on_day = zip(records, told, delays, strict=True)
        later = self._later(day, revised, contradicted, dice)
        for record, line, delay in chain(on_day, later, self._copies(day, first, dice), self._broken(day, first, dice)):
            # Nobody can tell what has not happened yet: what happens after midnight does not come before.
            arrival = day + max(timedelta(days=delay), record.event_day - day)
            (self._waiting.setdefault(arrival, []) if arrival > day else lines).append(line)
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

    def _told_twice(
        self, records: Sequence[Record], dice: np.random.Generator
    ) -> tuple[dict[int, Revised], dict[int, Record]]:
        """By their place: records that are corrected later, and what contradicts some of the others."""
        # A record is revised or contradicted, not both: the revision would settle the contradiction.
        drawn = dice.random(len(records))
        revised = {i: self.feed.revised(records[i]) for i in np.flatnonzero(drawn < self.dirt.revised).tolist()}
        above = np.flatnonzero(drawn > 1 - self.dirt.contradicted).tolist()
        contradicted = {i: self.feed.contradicted(records[i]) for i in above}
        return _there(revised), _there(contradicted)

    def _later(
        self, day: date, revised: dict[int, Revised], contradicted: dict[int, Record], dice: np.random.Generator
    ) -> Iterator[Arriving]:
        """Corrections, which count, and contradictions, of which nobody can say whether they do."""
        for _, record in revised.values():
            yield Arriving(record, self._told(day, record), int(dice.random() < 0.5))
        for record in contradicted.values():
            yield Arriving(record, self._told(day, record, "conflict"), int(dice.random() < 0.5))

    def _copies(self, day: date, records: Sequence[Record], dice: np.random.Generator) -> Iterator[Arriving]:
        """What is told once more, byte by byte."""
        for index in np.flatnonzero(dice.random(len(records)) < self.dirt.duplicated).tolist():
            record = records[index]
            yield Arriving(record, self._told(day, record, "duplicate"), int(dice.random() < 0.3))

    def _broken(self, day: date, records: Sequence[Record], dice: np.random.Generator) -> Iterator[Arriving]:
        """Lines that go wrong in each way in turn, each at least once on a day where there is dirt of the kind."""
        damages = self.feed.damages
        if not (self.dirt.broken and records and damages):
            return
        count = max(len(damages), round(self.dirt.broken * len(records)))
        rare = self.feed.once_a_day if self.dirt.once_a_day else {}
        origin = dice.integers(0, len(records), count + len(rare)).tolist()
        for number, (reason, damage) in enumerate(chain(islice(cycle(damages.items()), count), rare.items())):
            record = records[origin[number]]
            broken = damage(self.feed, self.feed.lost(record, number))
            yield Arriving(record, Line(broken, None, None, None, "quarantined", reason, self.feed.head(day)), 0)

    def _shuffled(self, lines: list[Line], dice: np.random.Generator) -> list[Line]:
        """The lines with some of them somewhere else."""
        if not self.dirt.out_of_order:
            return lines
        place = np.arange(len(lines), dtype=np.float64)
        moved = dice.random(len(lines)) < self.dirt.out_of_order
        place[moved] = dice.uniform(0, len(lines), int(moved.sum()))
        return [lines[index] for index in np.argsort(place, kind="stable")]


def _there(found: Mapping[int, One | None]) -> dict[int, One]:
    return {index: one for index, one in found.items() if one is not None}
