"""The ledger: a row for each physical record that was delivered, with what should become of it.

Truth: the pipeline never reads it, its tables are held against it.
"""

from collections.abc import Iterable
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
    rows = [
        (one.source, one.object, number, line.id, line.event_day, line.target, line.verdict, line.reason)
        for one in delivered
        for number, line in enumerate(one.lines, start=one.first)
    ]
    columns = list(zip(*rows, strict=True)) or [()] * len(SCHEMA)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)]
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(arrays, schema=SCHEMA), path)
    return path
