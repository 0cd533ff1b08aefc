"""A source's stream: its days' files one behind the other, up to the day that is released, read a page at a time."""

import base64
import binascii
import json
import zlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from infra.simulator.platforms.day_file import DayFile, day_file
from infra.simulator.platforms.errors import PlatformsError, Refused

PAGE_BYTES: Final = 8 << 20
"""A page ends early behind this many bytes, so that none grows beyond memory."""
SUFFIX: Final = ".jsonl"


class Position(NamedTuple):
    """Behind `line` items of a day, where the next one is looked for."""

    day: date
    line: int


BEGINNING: Final = Position(date.min, 0)


@dataclass(frozen=True)
class Page:
    """Items as the bytes of their lines; `behind` is where the last one looked at ends."""

    items: tuple[bytes, ...]
    behind: Position
    has_more: bool


class Stream:
    """One source's days under `folder`; `kind_key` is the key under which its items tell their kind."""

    def __init__(self, folder: Path, kind_key: str) -> None:
        self.folder = folder
        self.source = folder.name
        self._kind_key = kind_key

    def days(self, through: date) -> list[date]:
        """The days that have a file, up to one; raises PlatformsError for a file whose name is no day."""
        return [day for day in sorted(map(_day, self.folder.glob(f"*{SUFFIX}"))) if day <= through]

    def page(self, start: Position, limit: int, kinds: frozenset[str] | None, through: date) -> Page:
        """At most `limit` items from a position on; `has_more` says whether another one follows already."""
        items: list[bytes] = []
        size_bytes, behind = 0, start
        for day in self.days(through):
            if day < start.day:
                continue
            file = self._file(day)
            rows = file.rows(start.line if day == start.day else 0, limit + 1, kinds)
            for row, item in zip(rows.tolist(), file.items(rows), strict=True):
                if len(items) == limit or size_bytes > PAGE_BYTES:
                    return Page(tuple(items), behind, has_more=True)
                items.append(item)
                size_bytes += len(item)
                behind = Position(day, row + 1)
            behind = Position(day, len(file))
        return Page(tuple(items), behind, has_more=False)

    def notice(self, day: date) -> str | None:
        """The notice of a change of schema, as JSON in ASCII, if it holds on a day."""
        file = self.folder / "notice.json"
        if not file.exists():
            return None
        try:
            content = json.loads(file.read_text())
            begins = date.fromisoformat(content["from"])
        except (ValueError, KeyError, TypeError) as error:
            raise PlatformsError(f'{file}: not a notice. Write {{"from": "YYYY-MM-DD", ...}} as JSON.') from error
        return json.dumps(content, separators=(",", ":")) if day >= begins else None

    def cursor(self, position: Position) -> str:
        """A position as text that says nothing to those who page."""
        told = f"{self.source} {position.day} {position.line}".encode()
        return base64.urlsafe_b64encode(told + b" %08x" % zlib.crc32(told)).decode().rstrip("=")

    def position(self, cursor: str) -> Position:
        """What a cursor stands for; raises Refused (400) for one that this stream did not give out."""
        try:
            text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True).decode("ascii")
            _, day, line, _ = text.split(" ")
            position = Position(date.fromisoformat(day), int(line))
        except (binascii.Error, ValueError) as error:
            raise _broken_cursor() from error
        # Whole and of this source: what comes out again is what came in.
        if self.cursor(position) != cursor or not self._stands(position):
            raise _broken_cursor()
        return position

    def _stands(self, position: Position) -> bool:
        if position == BEGINNING:
            return True
        file = self.folder / f"{position.day}{SUFFIX}"
        return file.exists() and 0 <= position.line <= len(self._file(position.day))

    def _file(self, day: date) -> DayFile:
        return day_file(self.folder / f"{day}{SUFFIX}", self._kind_key)


def as_day(text: str) -> date:
    """A day as YYYY-MM-DD; raises ValueError for anything else."""
    day = date.fromisoformat(text)
    if day.isoformat() != text:
        raise ValueError
    return day


def _day(path: Path) -> date:
    try:
        return as_day(path.stem)
    except ValueError as error:
        raise PlatformsError(f"{path}: not a day. Name files of arrivals YYYY-MM-DD{SUFFIX}.") from error


def _broken_cursor() -> Refused:
    return Refused(
        400, "cursor: not one that was given out here. Send `next` as it came, or leave it out to begin anew."
    )
