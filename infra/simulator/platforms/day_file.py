"""One file of a day's arrivals, `api/<source>/<day>.jsonl`: where its lines begin, and of what kind they are.

Only offsets (8 bytes a line) and numbers of kinds (4 bytes a line, once a filter asks) are kept, of the files used
last.
"""

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from infra.simulator.platforms.errors import PlatformsError

FILES_KEPT: Final = 32
CHUNK_BYTES: Final = 1 << 22
NEWLINE: Final = 10


class DayFile:
    """The lines of one file as it was when it was looked at; a line counts once its end is written."""

    def __init__(self, path: Path, kind_key: str) -> None:
        self.path = path
        self._key = re.compile(rb'"%s"\s*:\s*"((?:[^"\\]|\\.)*)"' % re.escape(kind_key.encode()))
        # Behind each line's end; the first line begins at 0.
        self._bounds = np.concatenate([np.zeros(1, np.int64), *_line_ends(path)])
        blank = np.flatnonzero(np.diff(self._bounds) < 2)
        if len(blank):
            raise PlatformsError(f"{path}: line {blank[0] + 1} is empty. Write one item a line, and nothing else.")

    def __len__(self) -> int:
        """Number of items."""
        return len(self._bounds) - 1

    def rows(self, start: int, count: int, kinds: frozenset[str] | None) -> NDArray[np.int64]:
        """The first `count` lines from `start` (0-based) on, of some kinds or of all."""
        if kinds is None:
            return np.arange(start, min(len(self), start + count), dtype=np.int64)
        names, of_line = self._kinds
        wanted = [names[kind.encode()] for kind in kinds if kind.encode() in names]
        rows: NDArray[np.int64] = start + np.flatnonzero(np.isin(of_line[start:], wanted))[:count]
        return rows

    def items(self, rows: NDArray[np.int64]) -> Iterator[bytes]:
        """The bytes of some lines, one after the other, without their ends."""
        with self.path.open("rb") as file:
            for begin, end in zip(self._bounds[rows].tolist(), self._bounds[rows + 1].tolist(), strict=True):
                file.seek(begin)
                yield file.read(end - begin - 1)

    @cached_property
    def _kinds(self) -> tuple[dict[bytes, int], NDArray[np.int32]]:
        """Kinds by number, and each line's number, 0 where none can be told.

        The first key of the name counts, even in an item that is too deep or has the key twice. It never stands in a
        text, whose quotes are escaped.
        """
        names: dict[bytes, int] = {}
        of_line = np.zeros(len(self), np.int32)
        with self.path.open("rb") as file:
            for row, item in zip(range(len(self)), file, strict=False):
                if found := self._key.search(item):
                    of_line[row] = names.setdefault(found[1], len(names) + 1)
        return names, of_line


def day_file(path: Path, kind_key: str) -> DayFile:
    """A file's lines; looked at again when the file is another one."""
    told = path.stat()
    return _kept(path, kind_key, told.st_size, told.st_mtime_ns)


@lru_cache(maxsize=FILES_KEPT)
def _kept(path: Path, kind_key: str, size_bytes: int, changed_ns: int) -> DayFile:
    return DayFile(path, kind_key)


def _line_ends(path: Path) -> Iterator[NDArray[np.int64]]:
    with path.open("rb") as file:
        begin = 0
        while chunk := file.read(CHUNK_BYTES):
            yield begin + 1 + np.flatnonzero(np.frombuffer(chunk, np.uint8) == NEWLINE).astype(np.int64)
            begin += len(chunk)
