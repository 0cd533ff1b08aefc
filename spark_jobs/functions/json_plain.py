"""Plain lines of JSON, read many at a time: those that nobody can doubt, so that only the others are judged one by one.

A line is plain if a parser that knows the declared fields finds them and nothing else, each of its type and none null,
and every quote on the line belongs to a key or text that it found. A key that stands twice has quotes of its own, so
that none goes unseen. What is not plain may be sound nevertheless.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spark_jobs.functions.wire_column import WireColumn

# Numbers stay as they are written, and are judged as texts.
TYPES: dict[str, Any] = {"string": str, "boolean": bool, "integer": msgspec.Raw, "number": msgspec.Raw}
INTEGER, NUMBER = "integer", "number"
# The grammar of RFC 8259, with no more digits than every reader takes.
NUMBERS = {
    INTEGER: r"^-?(0|[1-9][0-9]{0,17})$",
    NUMBER: r"^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?([eE][+-]?[0-9]{1,3})?$",
}
# A quote inside a text; NUL and half a surrogate pair, which only a look at the text itself can judge.
DOUBTFUL_ESCAPE = r'\\"|\\u0000|\\u[dD][89a-fA-F]'
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class PlainLines(NamedTuple):
    """A text or null of each declared field, and which lines are plain; the fields of others mean nothing."""

    fields: list[pa.Array]
    is_plain: np.ndarray


@dataclass
class Level:
    """What is declared in one object: its fields by their number, the objects in it, and what stands for none."""

    leaves: dict[str, int] = field(default_factory=dict)
    below: dict[str, "Level"] = field(default_factory=dict)
    absent: Any = None

    def add(self, path: Sequence[str], number: int) -> None:
        """Declare a field at a path from here."""
        key, *rest = path
        if rest:
            self.below.setdefault(key, Level()).add(rest, number)
        else:
            self.leaves[key] = number

    def close(self, types: Sequence[str]) -> type[msgspec.Struct]:
        """Make the form of such an object, once all is declared."""
        fields = [
            (f"leaf_{number}", TYPES[types[number]], msgspec.field(default=None, name=key))
            for key, number in self.leaves.items()
        ]
        for place, (key, level) in enumerate(self.below.items()):
            form = level.close(types)
            fields.append((f"level_{place}", form, msgspec.field(default=level.absent, name=key)))
        made = msgspec.defstruct("Declared", fields, frozen=True, gc=False, forbid_unknown_fields=True)
        self.absent = made()
        return made


class PlainReader:
    """Reads the plain ones of many lines."""

    def __init__(self, columns: Sequence[WireColumn]) -> None:
        self.types = [column.type for column in columns]
        self.root = Level()
        for number, column in enumerate(columns):
            self.root.add(column.path.split("."), number)
        self._decode = msgspec.json.Decoder(self.root.close(self.types)).decode

    def read(self, lines: Sequence[bytes], as_array: pa.BinaryArray) -> PlainLines:
        """Read lines, which are given as an array too."""
        rows = [_read(self._decode, line) for line in lines]
        is_read = np.fromiter((row is not None for row in rows), np.bool_, len(rows))
        found: list[pa.Array] = [None] * len(self.types)
        quotes = self._take(self.root, [self.root.absent if row is None else row for row in rows], found)
        is_told = pc.count_substring(as_array, '"').to_numpy() == quotes
        is_doubtful = pc.match_substring_regex(as_array, DOUBTFUL_ESCAPE).to_numpy(zero_copy_only=False)
        return PlainLines(found, is_read & is_told & ~is_doubtful)

    def _take(self, level: Level, rows: list[Any], found: list[pa.Array]) -> np.ndarray:
        """Take the fields of one object of each line; returns how many quotes belong to what is in it."""
        quotes = np.zeros(len(rows), np.int64)
        for number in level.leaves.values():
            values = list(map(attrgetter(f"leaf_{number}"), rows))
            found[number] = _as_texts(values, self.types[number])
            quotes += _is_there(found[number]) * (4 if self.types[number] == "string" else 2)
        for place, inner in enumerate(level.below.values()):
            objects = list(map(attrgetter(f"level_{place}"), rows))
            is_there = np.fromiter((one is not inner.absent for one in objects), np.bool_, len(rows))
            quotes += is_there * 2 + self._take(inner, objects, found)
        return quotes


def _read(decode: Callable[[bytes], msgspec.Struct], line: bytes) -> msgspec.Struct | None:
    """Return what is on a line, None where that is not what was declared."""
    try:
        return decode(line)
    except UNREADABLE:
        return None


def _as_texts(values: list[Any], type_name: str) -> pa.Array:
    """Return values as texts; null where there is none, or a number is none of its type."""
    if type_name == "string":
        return pa.array(values, pa.string())
    if type_name == "boolean":
        return pa.array(values, pa.bool_()).cast(pa.string())
    if not any(values):
        return pa.nulls(len(values), pa.string())
    written = pa.array([None if value is None else bytes(value) for value in values], pa.binary())
    is_one = pc.match_substring_regex(written, NUMBERS[type_name])
    return pc.if_else(is_one, written, None).cast(pa.string())


def _is_there(texts: pa.Array) -> np.ndarray:
    found: np.ndarray = texts.is_valid().to_numpy(zero_copy_only=False)
    return found
