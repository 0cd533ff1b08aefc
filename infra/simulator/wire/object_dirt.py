"""What goes wrong with dropped objects as wholes: cut short, said to be others, empty, sent again, oddly called.

What is refused, waits or is a copy comes besides the sound objects, so that no line loses its way by it. An odd name is
that of a sound object itself.
"""

import gzip
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

import numpy as np

from infra.simulator.wire.dropped import Dropped
from infra.simulator.wire.record import Line

Change = Callable[[Dropped], Dropped | None]
"""A sound object changed; None where an object of its form cannot be."""

ODD_NAMES: Final[Mapping[str, Callable[[str], str]]] = {
    "name_underscore": lambda name: f"_{name}",
    "name_equals": lambda name: f"day={name}",
    "name_spaces": lambda name: f"part of {name}",
    "name_quotes": lambda name: f'"it\'s" {name}',
    "name_emoji": lambda name: f"🛒{name}",
}
AGAIN: Final = "same_object_again"
A_FEN: Final = Decimal("0.01")


@dataclass
class ObjectSoiler:
    """Adds to the objects of one source what goes wrong with some of them; those that come again wait in it.

    `share` of a day's objects have each of the kinds, at least one of them; 0: nothing goes wrong.
    """

    share: float = 0.0
    _again: tuple[Dropped, ...] = ()

    def soiled(self, sound: Sequence[Dropped], dice: np.random.Generator) -> list[Dropped]:
        """What is dropped on a day, where `sound` is what should be."""
        if not (self.share and sound):
            return list(sound)
        called = self._oddly_called(sound, dice)
        before, self._again = self._again, tuple(map(_sent_again, self._some(called, dice)))
        return [*called, *self._changed(sound, dice), *before]

    def _some(self, sound: Sequence[Dropped], dice: np.random.Generator) -> list[Dropped]:
        count = max(1, round(self.share * len(sound)))
        return [sound[place] for place in dice.choice(len(sound), count, replace=False).tolist()]

    def _changed(self, sound: Sequence[Dropped], dice: np.random.Generator) -> Iterator[Dropped]:
        """Copies of sound objects under another name, changed."""
        for number, (kind, change) in enumerate(CHANGES.items(), start=1):
            for one in self._some(sound, dice):
                found = change(_called(one, _numbered(one.name, number)))
                if found is not None:
                    yield replace(found, kind=kind)

    def _oddly_called(self, sound: Sequence[Dropped], dice: np.random.Generator) -> list[Dropped]:
        """The objects, some called oddly: each way in turn, from one of them on, as far as there are objects."""
        count = min(len(sound), max(len(ODD_NAMES), round(self.share * len(sound))))
        kinds, first = list(ODD_NAMES), int(dice.integers(len(ODD_NAMES)))
        odd = []
        for place, one in enumerate(sound[:count]):
            kind = kinds[(first + place) % len(kinds)]
            odd.append(replace(_called(one, ODD_NAMES[kind](one.name)), kind=kind))
        return [*odd, *sound[count:]]


def _sent_again(one: Dropped) -> Dropped:
    """The same name and bytes on a later day; they are stored once, so no line comes by it."""
    return replace(one, lines=(), kind=AGAIN, verdict="copy")


def _called(one: Dropped, name: str) -> Dropped:
    return replace(one, name=name, manifest={**_manifest(one), "object": name})


def _numbered(name: str, number: int) -> str:
    stem, _, suffixes = name.partition(".")
    return f"{stem}-{number}.{suffixes}"


def _said(one: Dropped, key: str, value: object) -> Dropped:
    """A manifest that says something wrong, for which the object is refused."""
    said = {**_manifest(one), key: value}
    return replace(one, manifest=said, lines=(), verdict="refused", reason=key)


def _truncated(one: Dropped) -> Dropped:
    """The first half of what is stored; the manifest has the SHA-256 of the whole."""
    return replace(one, stored=one.stored[: len(one.stored) // 2], lines=(), verdict="refused", reason="sha256")


def _wrong_lines(one: Dropped) -> Dropped:
    return _said(one, "lines", _manifest(one)["lines"] + 1)


def _wrong_sha256(one: Dropped) -> Dropped:
    return _said(one, "sha256", hashlib.sha256(one.stored + b"\n").hexdigest())


def _wrong_total(one: Dropped) -> Dropped | None:
    """Each control total a fen too high."""
    totals = _manifest(one).get("totals")
    if not totals:
        return None
    return _said(one, "totals", {column: str(Decimal(total) + A_FEN) for column, total in totals.items()})


def _without_manifest(one: Dropped) -> Dropped:
    return replace(one, manifest=None, lines=(), verdict="waits", reason="no_manifest")


def _still_written(one: Dropped) -> Dropped:
    hidden = _called(one, f".{one.name}")
    return replace(hidden, lines=(), verdict="waits", reason="still_written")


def _holding(one: Dropped, stored: bytes) -> Dropped:
    """An object without a record, and a manifest that is true."""
    said = {**_manifest(one), "lines": 0, "sha256": hashlib.sha256(stored).hexdigest()}
    if "totals" in said:
        said["totals"] = dict.fromkeys(said["totals"], "0.00")
    return replace(one, stored=stored, manifest=said, lines=())


def _empty_file(one: Dropped) -> Dropped:
    return _holding(one, b"")


def _blank_lines(one: Dropped) -> Dropped:
    return _holding(one, _gzipped(b"\n\r\n\n"))


def _header_only(one: Dropped) -> Dropped | None:
    head = one.lines[0].head
    return _holding(one, _gzipped(head + b"\n")) if head else None


def _same_bytes(one: Dropped) -> Dropped:
    """Another name for the same bytes: what is sound is there once more, what is broken is broken once more."""
    return replace(one, lines=tuple(map(_told_again, one.lines)), verdict="copy")


def _told_again(line: Line) -> Line:
    return line if line.verdict == "quarantined" else line._replace(verdict="duplicate")


def _manifest(one: Dropped) -> Mapping[str, Any]:
    return one.manifest or {}


def _gzipped(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=6, mtime=0)


CHANGES: Final[Mapping[str, Change]] = {
    "truncated": _truncated,
    "wrong_lines": _wrong_lines,
    "wrong_sha256": _wrong_sha256,
    "wrong_total": _wrong_total,
    "no_manifest": _without_manifest,
    "still_written": _still_written,
    "empty_file": _empty_file,
    "blank_lines": _blank_lines,
    "header_only": _header_only,
    "same_bytes": _same_bytes,
}
KINDS: Final = ("sound", *CHANGES, AGAIN, *ODD_NAMES)
