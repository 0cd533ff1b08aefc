"""Forms in which platforms hand over what they write: dropped objects with manifests, or the stream of an interface.

The bytes depend on the lines alone: no clock, no name of a machine.

deliveries/<day>/<source>/<day>-000.jsonl.gz   dropped objects, each with <object>.manifest.json beside it
api/<source>/<day>.jsonl                       what an interface has to tell from that day on, item by item
api/<source>/notice.json                       what it says of a change of its schema
"""

import csv
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Final

from infra.simulator.wire.dropped import Dropped, pack
from infra.simulator.wire.ledger import Delivered
from infra.simulator.wire.record import Line

Soil = Callable[[list[Dropped]], list[Dropped]]
"""Makes of the objects that should be dropped those that are."""

LINES_AN_OBJECT: Final = 50_000
FEWEST_OBJECTS: Final = 3
AMOUNT: Final = re.compile(r"-?[0-9]+\.[0-9]{2}")


class Form(ABC):
    """How lines become files."""

    @abstractmethod
    def deliver(self, out: Path, source: str, day: date, lines: Sequence[Line], soil: Soil = list) -> list[Delivered]:
        """Write what arrives of a source on a day; returns what it wrote, nothing where there is nothing.

        `soil` is asked where objects are dropped.
        """

    @abstractmethod
    def announce(self, out: Path, source: str, day: date) -> None:
        """Tell that the schema changes on a day, where platforms of this form do."""


class JsonObjects(Form):
    """Gzipped objects of JSON lines, each with its manifest."""

    def deliver(self, out: Path, source: str, day: date, lines: Sequence[Line], soil: Soil = list) -> list[Delivered]:
        """Write objects of about equal size."""
        parts = enumerate(_parts(lines, FEWEST_OBJECTS))
        objects = [pack(f"{day}-{number:03d}.jsonl.gz", b"", part) for number, part in parts]
        return _drop(out, source, day, soil(objects))

    def announce(self, out: Path, source: str, day: date) -> None:
        """Nobody is told."""


@dataclass(frozen=True)
class CsvObjects(Form):
    """Gzipped CSV, an object for each header; the manifest has the sum of each column of `totals`, in yuan.

    A sum goes over the rows that have as many fields as the header and an amount with two decimals in the column, as
    they are written: sound or not in other fields, copies among them.
    """

    totals: tuple[str, ...]

    def deliver(self, out: Path, source: str, day: date, lines: Sequence[Line], soil: Soil = list) -> list[Delivered]:
        """Write objects of about equal size for each header, older headers first."""
        by_head = groupby(sorted(lines, key=lambda line: len(line.head)), key=lambda line: line.head)
        parts = [(head, part) for head, of_head in by_head for part in _parts(list(of_head), 1)]
        objects = []
        for number, (head, part) in enumerate(parts):
            rows = [line.data for line in part]
            totals = {column: str(control_total(head, rows, column)) for column in self.totals}
            objects.append(pack(f"{day}-{number:03d}.csv.gz", head, part, totals=totals))
        return _drop(out, source, day, soil(objects))

    def announce(self, out: Path, source: str, day: date) -> None:
        """Nobody is told: a column is there one day."""


@dataclass(frozen=True)
class ItemStream(Form):
    """The stream of an interface, in the order it is served in; `renamed` is what a change of the schema renames."""

    renamed: Mapping[str, str] = field(default_factory=dict)

    def deliver(self, out: Path, source: str, day: date, lines: Sequence[Line], soil: Soil = list) -> list[Delivered]:
        """Write one file for the day."""
        if not lines:
            return []
        file = _stream(out, source) / f"{day}.jsonl"
        file.write_bytes(b"".join(line.data + b"\n" for line in lines))
        return [Delivered(source, file.name, tuple(lines))]

    def announce(self, out: Path, source: str, day: date) -> None:
        """Write the notice, where something is renamed."""
        if self.renamed:
            notice = {"from": day.isoformat(), "renamed": dict(self.renamed), "added": []}
            (_stream(out, source) / "notice.json").write_text(json.dumps(notice) + "\n")


def control_total(head: bytes, rows: Sequence[bytes], column: str) -> Decimal:
    """The sum of a column over the rows that are as long as the header and have an amount in it."""
    names = head.decode().split(",")
    place = names.index(column)
    # A carriage return, or a line feed in quotes, ends a row for some readers: none has a row of this length then.
    whole = (row for row in rows if b"\r" not in row and b"\n" not in row)
    fields = csv.reader(row.decode(errors="surrogateescape") for row in whole)
    amounts = (row[place] for row in fields if len(row) == len(names))
    return sum((Decimal(amount) for amount in amounts if AMOUNT.fullmatch(amount)), Decimal("0.00"))


def _parts(lines: Sequence[Line], fewest: int) -> list[tuple[Line, ...]]:
    """Lines in parts of about equal size; none where there are no lines."""
    if not lines:
        return []
    count = min(len(lines), max(fewest, -(-len(lines) // LINES_AN_OBJECT)))
    size = -(-len(lines) // count)
    return [tuple(lines[start : start + size]) for start in range(0, len(lines), size)]


def _drop(out: Path, source: str, day: date, objects: Sequence[Dropped]) -> list[Delivered]:
    folder = out / "deliveries" / day.isoformat() / source
    for one in objects:
        one.write(folder)
    return [Delivered(source, one.name, one.lines, one.first) for one in objects if one.lines]


def _stream(out: Path, source: str) -> Path:
    folder = out / "api" / source
    folder.mkdir(parents=True, exist_ok=True)
    return folder
