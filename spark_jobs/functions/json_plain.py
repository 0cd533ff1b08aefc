"""Plain lines of JSON, read many at a time: those that nobody can doubt, so that only the others are judged one by one.

A line is plain if what a parser finds of the declared fields is of its type, and every quote on the line belongs to a
key or text that it found. A key that stands twice has quotes of its own, so that none goes unseen. Of quotes that are
left over `Remainder` finds out what they belong to. What is not plain may be sound nevertheless.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spark_jobs.functions.json_fields import Extra, Leaf, Level, declared_level
from spark_jobs.functions.json_line import LONGEST_LINE_BYTES
from spark_jobs.functions.json_remainder import UNREADABLE, Remainder
from spark_jobs.functions.wire_column import WireColumn

# Numbers stay as they are written, and are judged as texts.
FIELD_TYPES: dict[str, Any] = {
    "string": str | None,
    "boolean": bool | None,
    "integer": msgspec.Raw,
    "number": msgspec.Raw,
}
INTEGER, NUMBER = "integer", "number"
# The grammar of RFC 8259, with no more digits than every reader takes.
NUMBERS = {
    INTEGER: r"^-?(0|[1-9][0-9]{0,17})$",
    NUMBER: r"^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?([eE][+-]?[0-9]{1,3})?$",
}
# What `json_line.DOUBTFUL_ESCAPE` finds, NUL and half a surrogate pair, and a quote inside a text.
DOUBTFUL = r'\\"|\\u0000|\\u[dD][89a-fA-F]'


class PlainLines(NamedTuple):
    """A text or null of each declared field, which lines are plain, and of these by place what else they hold.

    The fields of other lines mean nothing.
    """

    fields: list[pa.Array]
    is_plain: np.ndarray
    extra: dict[int, Extra]


@dataclass(frozen=True)
class Form:
    """What is declared in one object: its fields by their number, the objects in it, and what a parser makes of one.

    `absent` is what an object is that is not there.
    """

    leaves: list[int]
    below: list["Form"]
    struct: type[msgspec.Struct]
    absent: msgspec.Struct


def _form(level: Level, types: Sequence[str]) -> Form:
    """Make the form of an object, and of those in it."""
    leaves = {key: leaf.index for key, leaf in level.keys.items() if isinstance(leaf, Leaf)}
    below = {key: _form(inner, types) for key, inner in level.keys.items() if isinstance(inner, Level)}
    fields: list[tuple[str, Any, Any]] = [
        (f"leaf_{number}", FIELD_TYPES[types[number]], msgspec.field(default=None, name=key))
        for key, number in leaves.items()
    ]
    fields += [
        (f"level_{place}", form.struct | None, msgspec.field(default=form.absent, name=key))
        for place, (key, form) in enumerate(below.items())
    ]
    struct = msgspec.defstruct("Declared", fields, frozen=True, gc=False)
    return Form([*leaves.values()], [*below.values()], struct, struct())


class PlainReader:
    """Reads the plain ones of many lines."""

    def __init__(self, columns: Sequence[WireColumn]) -> None:
        declared = declared_level(columns)
        self.types = [column.type for column in columns]
        self.form = _form(declared, self.types)
        self._decode = msgspec.json.Decoder(self.form.struct).decode
        self._remainder = Remainder(declared)

    def read(self, lines: Sequence[bytes], as_array: pa.BinaryArray) -> PlainLines:
        """Read lines, which are given as an array too."""
        rows = [_read(self._decode, line) if len(line) <= LONGEST_LINE_BYTES else None for line in lines]
        is_read = np.fromiter((row is not None for row in rows), np.bool_, len(rows))
        found: list[pa.Array] = [None] * len(self.types)
        quotes = self._take(self.form, [self.form.absent if row is None else row for row in rows], found)
        left = pc.count_substring(as_array, '"').to_numpy() - quotes
        is_doubtful = pc.match_substring_regex(as_array, DOUBTFUL).to_numpy(zero_copy_only=False)
        is_plain = is_read & ~is_doubtful
        extra = {}
        for place in np.flatnonzero(is_plain & (left != 0)).tolist():
            beside = self._remainder.of(lines[place], left[place])
            if beside is None:
                is_plain[place] = False
            elif beside:
                extra[place] = beside
        return PlainLines(found, is_plain, extra)

    def _take(self, form: Form, rows: list[Any], found: list[pa.Array]) -> np.ndarray:
        """Take the fields of one object of each line; returns how many quotes belong to what is in it."""
        quotes = np.zeros(len(rows), np.int64)
        for number in form.leaves:
            values = list(map(attrgetter(f"leaf_{number}"), rows))
            found[number] = _as_texts(values, self.types[number])
            quotes += _is_there(found[number]) * (4 if self.types[number] == "string" else 2)
        for place, inner in enumerate(form.below):
            objects = [one or inner.absent for one in map(attrgetter(f"level_{place}"), rows)]
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
