"""Rows of a day's tables as activities of one kind, from which the feeds of interfaces make their records."""

from collections.abc import Iterable
from typing import NamedTuple

from infra.simulator.wire.record import Content
from infra.simulator.world.day import Column, Columns, Day


class Activities(NamedTuple):
    """Activities of a kind: `numbers` tell them apart within it, and `contents` are what each says beside."""

    kind: str
    numbers: Column
    at_us: Column
    contents: Iterable[Content]


def numbered(day: Day, table: str) -> Columns:
    """The rows of a table with a `number` that no other row of it has, on whatever day."""
    rows = day.tables[table]
    return {**rows, "number": day.identities(len(next(iter(rows.values()))))}
