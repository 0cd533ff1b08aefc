"""The ledgers: a row for each physical record and one for each object that was delivered, and what should become of it.

Truth: the pipeline never reads it, its tables are held against it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, repeat
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from infra.simulator.wire.dropped import Dropped
from infra.simulator.wire.record import Line

SCHEMA: Final = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("object", pa.string(), nullable=False),
        pa.field("line", pa.int64(), nullable=False),
        pa.field("id", pa.string()),
        pa.field("event_day", pa.date32()),
        pa.field("target", pa.string()),
        pa.field("verdict", pa.string(), nullable=False),
        pa.field("reason", pa.string()),
    ]
)
OBJECT_SCHEMA: Final = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("object", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("verdict", pa.string(), nullable=False),
        pa.field("reason", pa.string()),
    ]
)


@dataclass(frozen=True)
class Delivered:
    """One object and its lines; the first record stands on line `first`."""

    source: str
    object: str
    lines: tuple[Line, ...]
    first: int = 1


def write_ledger(path: Path, delivered: Iterable[Delivered]) -> Path:
    """Write the ledger of some objects as Parquet; lines are physical and count from 1."""
    tables = [_table(one) for one in delivered]
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.concat_tables([SCHEMA.empty_table(), *tables]).combine_chunks(), path)
    return path


class ObjectLedger:
    """What was dropped so far, by day and source."""

    def __init__(self) -> None:
        self._rows: dict[date, list[Mapping[str, str | None]]] = {}

    def add(self, day: date, source: str, objects: Iterable[Dropped]) -> None:
        """Take down some objects of a day."""
        rows = self._rows.setdefault(day, [])
        for one in objects:
            told = {"source": source, "object": one.name, "kind": one.kind}
            rows.append({**told, "verdict": one.verdict, "reason": one.reason})

    def write(self, folder: Path) -> None:
        """Write a file for each day on which something was dropped."""
        folder.mkdir(parents=True, exist_ok=True)
        for day, rows in self._rows.items():
            pq.write_table(pa.Table.from_pylist(rows, schema=OBJECT_SCHEMA), folder / f"{day}.parquet")


def _table(one: Delivered) -> pa.Table:
    # A record with line feeds in it is several to who ends a line at each of them.
    lines = list(chain.from_iterable(repeat(line, line.physical_lines) for line in one.lines))
    count = len(lines)
    _, *columns, _ = zip(*lines, strict=True)
    told: tuple[Sequence[object], ...] = (
        [one.source] * count,
        [one.object] * count,
        range(one.first, one.first + count),
        *columns,
    )
    return pa.table([pa.array(c, f.type) for c, f in zip(told, SCHEMA, strict=True)], schema=SCHEMA)
