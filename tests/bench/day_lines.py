"""Lines of JSON judged strictly by the standard library alone, as one would write it for `mapInArrow`."""

import json
import re
from collections.abc import Sequence
from typing import Any

from spark_jobs.functions.wire_column import WireColumn

DEEPEST = 64
ESCAPED_NUL = re.compile(rb"\\u0000")
STRINGS = re.compile(rb'"(?:[^"\\]+|\\.)*"?', re.DOTALL)


class Number(str):
    """A number as it was written."""


class Integer(Number):
    """A whole one."""


TYPES: dict[str, tuple[type, ...]] = {"string": (str,), "integer": (Integer,)}
Row = list[str | None]


class ProblemError(Exception):
    """Why a line is refused."""


class LineReader:
    """Takes some of the declared fields of each line, and judges all of them."""

    def __init__(self, columns: Sequence[WireColumn], fields: Sequence[str]) -> None:
        self.types = {column.path: TYPES[column.type] for column in columns}
        self.folded = {path.lower() for path in self.types} | {"data"}
        self.paths = [column.path for name in fields for column in columns if column.name == name]
        self.decoder = json.JSONDecoder(
            object_pairs_hook=_pairs, parse_int=Integer, parse_float=Number, parse_constant=_refuse
        )

    def read(self, lines: Sequence[bytes]) -> tuple[list[Row], list[str | None]]:
        """The fields of each line, and its problem, one of them null."""
        rows: list[Row] = []
        problems: list[str | None] = []
        for line in lines:
            try:
                rows.append(self._fields(self._object(line)))
                problems.append(None)
            except ProblemError as problem:
                rows.append([None] * len(self.paths))
                problems.append(str(problem))
        return rows, problems

    def _object(self, line: bytes) -> dict[str, Any]:
        try:
            text = line.decode()
        except UnicodeDecodeError:
            raise ProblemError("invalid_utf8") from None
        if "\x00" in text or ESCAPED_NUL.search(line):
            raise ProblemError("nul_character")
        if line.count(b"[") + line.count(b"{") > DEEPEST and _depth(line) > DEEPEST:
            raise ProblemError("too_deep")
        try:
            value, end = self.decoder.raw_decode(text)
        except ValueError:
            raise ProblemError("invalid_json") from None
        if text[end:].strip(" \t\r\n"):
            raise ProblemError("trailing_data")
        if not isinstance(value, dict):
            raise ProblemError("not_an_object")
        return value

    def _fields(self, found: dict[str, Any]) -> Row:
        data = found.get("data") or {}
        if not isinstance(data, dict):
            raise ProblemError("wrong_type")
        flat = {**found, **{f"data.{key}": value for key, value in data.items()}}
        if any(key not in self.types and key != "data" and key.lower() in self.folded for key in flat):
            raise ProblemError("wrong_case_key")
        for path, types in self.types.items():
            if path in flat and flat[path] is not None and type(flat[path]) not in types:
                raise ProblemError("wrong_type")
        return [flat.get(path) for path in self.paths]


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ProblemError("duplicate_key")
    return made


def _refuse(name: str) -> None:
    raise ValueError(name)


def _depth(line: bytes) -> int:
    depth = deepest = 0
    for byte in STRINGS.sub(b"", line):
        depth += (byte in b"{[") - (byte in b"}]")
        deepest = max(deepest, depth)
    return deepest
