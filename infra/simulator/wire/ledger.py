"""The ledger: a row for each physical record that was delivered, with what should become of it.

Truth: the pipeline never reads it, its tables are held against it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

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


def _table(one: Delivered) -> pa.Table:
    count = len(one.lines)
    _, *columns, _ = zip(*one.lines, strict=True)
    told: tuple[Sequence[object], ...] = (
        [one.source] * count,
        [one.object] * count,
        range(one.first, one.first + count),
        *columns,
    )
    return pa.table([pa.array(c, f.type) for c, f in zip(told, SCHEMA, strict=True)], schema=SCHEMA)
