"""Rows of a day's tables as activities of one kind, from which the feeds of interfaces make their records."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

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


def line_counts(day: Day, orders: Columns) -> Column:
    """How many lines each of some orders of a day has; lines of an order stand side by side, in the order of theirs."""
    of_line = day.tables["order_line"]["order"]
    ends: Column = np.searchsorted(of_line, orders["order"], side="right")
    return ends - np.searchsorted(of_line, orders["order"])
