"""One line of JSON, judged strictly (RFC 8259): what other parsers forgive, repair or guess is a problem here."""

import json
import re
from collections.abc import Iterator

NUL_CHARACTER = "nul_character"
INVALID_UTF8 = "invalid_utf8"
TOO_DEEP = "too_deep"
INVALID_JSON = "invalid_json"
TRAILING_DATA = "trailing_data"
DUPLICATE_KEY = "duplicate_key"
NOT_AN_OBJECT = "not_an_object"

LONGEST_LINE_BYTES = 1 << 20
MOST_LEVELS = 64
MOST_DIGITS = 4300  # what Python itself converts; no reader agrees with another on longer ones

BRACKETS = re.compile(rb"[\[{\]}]")
# The closing quote may be missing, so that a string that never ends is gone through once and not from every quote.
STRINGS = re.compile(rb'"(?:[^"\\]+|\\.)*+"?', re.DOTALL)
# Made once: json.dumps makes one at each call.
as_text = json.JSONEncoder(ensure_ascii=False).encode
BLANKS = re.compile(r"[ \t\n\r]*")
DOUBTFUL_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


class JsonInteger(str):
    """A number without point and exponent, as it was written."""

    __slots__ = ()


class JsonDecimal(str):
    """A number with a point or an exponent, as it was written."""

    __slots__ = ()


Json = None | bool | str | list["Json"] | dict[str, "Json"]


class LineError(Exception):
    """Why a line cannot be read: its text is a reason code."""


class LineParser:
    """Parses lines one by one; numbers stay the text they were written as."""

    def __init__(self) -> None:
        self._key_stands_twice = False
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._as_object,
            parse_int=_as_integer,
            parse_float=JsonDecimal,
            parse_constant=_refuse,
        )

    def parse(self, line: bytes) -> dict[str, Json]:
        """Return the one object on a line; raises LineError with the first problem it has."""
        value = self.value(line)
        if not isinstance(value, dict):
            raise LineError(NOT_AN_OBJECT)
        return value

    def value(self, line: bytes) -> Json:
        """Return the one value on a line; raises LineError with the first problem it has."""
        text = _decoded(line)
        if is_too_deep(line):
            raise LineError(TOO_DEEP)
        self._key_stands_twice = False
        value, end = self._parse_first(text)
        if DOUBTFUL_ESCAPE.search(line):
            _check_texts(value)
        if BLANKS.fullmatch(text, end) is None:
            raise LineError(TRAILING_DATA)
        if self._key_stands_twice:
            raise LineError(DUPLICATE_KEY)
        return value

    def _parse_first(self, text: str) -> tuple[Json, int]:
        """Return the value that the line begins with, and where it ends."""
        blanks = BLANKS.match(text)
        try:
            value, end = self._decoder.raw_decode(text, blanks.end() if blanks else 0)
        except ValueError:
            raise LineError(INVALID_JSON) from None
        return value, end

    def _as_object(self, pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        """Return the pairs as a dictionary, noting where a key stands twice, at whatever depth."""
        made = dict(pairs)
        self._key_stands_twice |= len(made) < len(pairs)
        return made


def _decoded(line: bytes) -> str:
    """Return the text of a line; raises LineError where it is none."""
    if b"\x00" in line:
        raise LineError(NUL_CHARACTER)
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        raise LineError(INVALID_UTF8) from None


def is_too_deep(line: bytes) -> bool:
    """Tell whether brackets are open deeper than any record needs; looked at before a parser follows them down."""
    if line.count(b"{") + line.count(b"[") <= MOST_LEVELS:
        return False
    depth = 0
    for bracket in BRACKETS.findall(STRINGS.sub(b"", line)):
        depth += 1 if bracket in b"{[" else -1
        if depth > MOST_LEVELS:
            return True
    return False


def _check_texts(value: Json) -> None:
    """Raise LineError where an escape stands for half a character or for NUL, in a key or a text at any depth."""
    for text in _texts(value):
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise LineError(INVALID_JSON)
        if "\x00" in text:
            raise LineError(NUL_CHARACTER)


def _texts(value: Json) -> Iterator[str]:
    """Yield every key and every text in a value."""
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value


def _as_integer(text: str) -> JsonInteger:
    if len(text) > MOST_DIGITS:
        raise ValueError("no number is that long")
    return JsonInteger(text)


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def as_json(value: Json) -> str:
    """Return a parsed value as JSON text again, numbers as they were written."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{as_text(key)}:{as_json(value[key])}" for key in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(as_json, value)) + "]"
    if isinstance(value, JsonInteger | JsonDecimal):
        return str(value)
    return as_text(value)
