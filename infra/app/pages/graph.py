"""The graph of the datasets in columns, so ordered that few lines cross. Pure: names in, slots out.

    landing │ raw │ events │ features │ marts      a layer whose datasets read one another takes several columns

A line to a reader further on takes a slot of its own in each column it passes, so it never runs through a dataset.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

LAYERS: Final = ("landing", "raw", "events", "features", "marts")
SWEEPS: Final = 8


@dataclass(frozen=True)
class Slot:
    """A place in a column: of a dataset, or (`reader` set) of the line from it to a reader that passes here."""

    column: int
    name: str
    reader: str = ""


@dataclass(frozen=True)
class Graph:
    """Columns from top to bottom, and for each input the slots its line leads through."""

    columns: tuple[tuple[Slot, ...], ...]
    lines: tuple[tuple[Slot, ...], ...]


def arrange(inputs: Mapping[str, Sequence[str]]) -> Graph:
    """Datasets in columns; `inputs` names what each one reads, in reading order, the roots included."""
    ranks = columns_of(inputs)
    lines = tuple(_line(ranks, read, name) for name, reads in inputs.items() for read in reads if read in ranks)
    slots = dict.fromkeys([Slot(rank, name) for name, rank in ranks.items()] + [s for line in lines for s in line])
    columns = [[slot for slot in slots if slot.column == rank] for rank in range(max(ranks.values(), default=-1) + 1)]
    return Graph(_with_few_crossings(columns, lines), lines)


def columns_of(inputs: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The column of each dataset: after all earlier layers, and after what it reads of its own."""
    ranks: dict[str, int] = {}
    first = 0
    for layer in _layers(inputs):
        for name in inputs:
            if layer_of(name) == layer:
                ranks[name] = max([first, *(ranks[read] + 1 for read in inputs[name] if read in ranks)])
        first = max(ranks.values(), default=-1) + 1
    return ranks


def layer_of(name: str) -> str:
    """The part of a dataset's name before the dot; the landing store is a layer by itself."""
    return name.partition(".")[0]


def crossings(columns: Iterable[Sequence[Slot]], lines: Iterable[Sequence[Slot]]) -> int:
    """How many pairs of lines cross between neighbouring columns."""
    place = _places(columns)
    steps = {(a, b) for line in lines for a, b in pairwise(line) if a.column + 1 == b.column}
    by_column: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for a, b in steps:
        by_column[a.column].append((place[a], place[b]))
    return sum(
        (one[0] - other[0]) * (one[1] - other[1]) < 0
        for found in by_column.values()
        for index, one in enumerate(found)
        for other in found[:index]
    )


def neighbours(lines: Iterable[Sequence[Slot]]) -> tuple[dict[Slot, list[Slot]], dict[Slot, list[Slot]]]:
    """For each slot those that its lines come from, and those that they go on to."""
    before: dict[Slot, list[Slot]] = defaultdict(list)
    after: dict[Slot, list[Slot]] = defaultdict(list)
    for line in lines:
        for a, b in pairwise(line):
            before[b].append(a)
            after[a].append(b)
    return before, after


def _layers(names: Iterable[str]) -> list[str]:
    present = dict.fromkeys(map(layer_of, names))
    return [layer for layer in LAYERS if layer in present] + [layer for layer in present if layer not in LAYERS]


def _line(ranks: Mapping[str, int], read: str, name: str) -> tuple[Slot, ...]:
    passed = (Slot(column, read, name) for column in range(ranks[read] + 1, ranks[name]))
    return (Slot(ranks[read], read), *passed, Slot(ranks[name], name))


def _with_few_crossings(
    columns: Sequence[Sequence[Slot]], lines: Sequence[Sequence[Slot]]
) -> tuple[tuple[Slot, ...], ...]:
    """The best order that sweeps to and fro come by, each slot moving to the mean place of its neighbours."""
    best = [list(column) for column in columns]
    current = best
    before, after = neighbours(lines)
    for sweep in range(SWEEPS):
        current = _swept(current, after, reverse=True) if sweep % 2 else _swept(current, before, reverse=False)
        if crossings(current, lines) < crossings(best, lines):
            best = current
    return tuple(map(tuple, best))


def _swept(
    columns: Sequence[Sequence[Slot]], near: Mapping[Slot, Sequence[Slot]], *, reverse: bool
) -> list[list[Slot]]:
    swept = [list(column) for column in columns]
    for column in reversed(swept) if reverse else swept:
        place = _places(swept)
        wanted = {s: sum(place[n] for n in near[s]) / len(near[s]) if near.get(s) else place[s] for s in column}
        column.sort(key=wanted.__getitem__)
    return swept


def _places(columns: Iterable[Sequence[Slot]]) -> dict[Slot, float]:
    """Places counted from the middle of each column."""
    return {slot: index - (len(column) - 1) / 2 for column in columns for index, slot in enumerate(column)}
