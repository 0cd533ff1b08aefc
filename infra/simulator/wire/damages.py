"""Ways in which a record goes wrong; those of items of JSON leave one complete value on one line unless it is said."""

import zlib
from collections.abc import Callable
from typing import Protocol

from infra.simulator.wire.record import Content


class Writer(Protocol):
    """What writes content as a line."""

    def write(self, content: Content) -> bytes:
        """One record as a line without its end."""


Damage = Callable[[Writer, Content], bytes]
DEEP = 100
"""Deeper than any record needs, not so deep that a parser of the page around it gives up."""


def with_value(key: str, value: object) -> Damage:
    """A field that says something else."""
    return lambda feed, content: feed.write(content | {key: value})


def without(key: str) -> Damage:
    """A field that is missing."""
    return lambda feed, content: feed.write({name: value for name, value in content.items() if name != key})


def of_no_kind(key: str) -> Damage:
    """A kind that nobody has heard of, or none: the one or the other by the length of what it was."""

    def damaged(feed: Writer, content: Content) -> bytes:
        others = {name: value for name, value in content.items() if name != key}
        unknown = {key: "teleport"} if len(str(content)) % 2 else {}
        return feed.write({**others, **unknown})

    return damaged


def in_other_case(key: str, other: str) -> Damage:
    """A key that is written otherwise."""
    return lambda feed, content: feed.write({other if k == key else k: v for k, v in content.items()})


def with_more(text: bytes) -> Damage:
    """Something more within the object, whatever it does to it."""
    return lambda feed, content: feed.write(content)[:-1] + b"," + text + b"}"


def in_a_list(feed: Writer, content: Content) -> bytes:
    """A list where an object should be."""
    return b"[" + feed.write(content) + b"]"


def in_turn(*damages: Damage) -> Damage:
    """One of several ways that have the same reason, by what the record says."""

    def damaged(feed: Writer, content: Content) -> bytes:
        return damages[zlib.crc32(feed.write(content)) % len(damages)](feed, content)

    return damaged


def no_object(value: bytes) -> Damage:
    """Something else where an object should be."""
    return lambda feed, content: value


def as_text(key: str) -> Damage:
    """A value as text."""
    return lambda feed, content: feed.write(content | {key: str(content[key])})


NOT_AN_OBJECT: Damage = in_turn(in_a_list, no_object(b"null"), no_object(b"42"), no_object(b'"ok"'))
INVALID_UTF8: Damage = in_turn(
    with_more(b'"note":"\xc3\x28"'), with_more(b'"note":"' + "青花茶杯".encode("gbk") + b'"')
)
"""No complete value: bytes that are no text, and text in GBK."""
INVALID_JSON: Damage = in_turn(
    lambda feed, content: feed.write(content)[:-40],
    with_more(b'"note":1\xef\xbb\xbf'),
    with_more('\u2028"note":1'.encode()),
    with_more(b'"note":NaN'),
)
"""No complete value: cut off, a byte order mark inside, a line separator outside of texts, NaN."""
TRAILING_DATA: Damage = in_turn(
    lambda feed, content: feed.write(content) * 2,
    lambda feed, content: b"\r".join([feed.write(content)] * 2),
)
"""Two values on a line: one behind the other, or lines that end in carriage returns alone."""
NUL_ESCAPE: Damage = with_more(rb'"note":"a\u0000b"')
LONGEST_LINE_BYTES = 1 << 20


def too_long(feed: Writer, content: Content) -> bytes:
    """More than a line may have."""
    return with_more(b'"note":"' + b"x" * LONGEST_LINE_BYTES + b'"')(feed, content)


TOO_DEEP: Damage = with_more(b'"note":' + b"[" * DEEP + b"]" * DEEP)
