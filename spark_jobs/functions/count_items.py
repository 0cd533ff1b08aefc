"""An independent count of the items on a page of an interface, to hold against what was read from it."""

import json
import re

import numpy as np
from numpy.typing import NDArray

from spark_jobs.functions.count_records import LARGEST_PAGE_BYTES, undo_gzip

Depth = NDArray[np.int32]
MOST_LEVELS = 64
STRING = re.compile(rb'"(?:[^"\\]+|\\.)*+"?', re.DOTALL)
ESCAPE = re.compile(rb"\\.", re.DOTALL)
NO_TEXT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])|\x00")


def count_items(data: bytes, *, path: str) -> int:
    """Count the items of the list at a dotted path of a page, gzip or plain; what is no such page counts as one."""
    found = _count(data, path)
    return 1 if found is None else found


def is_page(data: bytes, *, path: str) -> bool:
    """Tell whether an object is a page with a list at the dotted path."""
    return _count(data, path) is not None


def _count(data: bytes, path: str) -> int | None:
    """Return the number of items; None where the object is no page.

    Commas are counted at the depth of the list: depth is a running sum over all bytes that stand outside strings.
    It takes about 16 bytes of memory for each byte of the page.
    """
    content = undo_gzip(data)
    if content is None or len(content) > LARGEST_PAGE_BYTES:
        return None
    content = content.removeprefix("\ufeff".encode())
    # A backslash escapes within strings alone.
    symbols = np.frombuffer(STRING.sub(lambda found: ESCAPE.sub(rb"\\\\", found[0]), content), np.uint8)
    outside = ~np.logical_xor.accumulate(symbols == ord('"'))
    opens = outside & ((symbols == ord("{")) | (symbols == ord("[")))
    closes = outside & ((symbols == ord("}")) | (symbols == ord("]")))
    depth = np.cumsum(opens.view(np.int8) - closes.view(np.int8), dtype=np.int32)
    span = _span(content, path.split("."), depth, outside)
    if span is None:
        return None
    start, end = span
    if content[end : end + 1] != b"]" or not _is_sound(content[:start] + content[end:], depth, start, end):
        return None
    inside = slice(start, end)
    commas = (symbols[inside] == ord(",")) & outside[inside] & (depth[inside] == depth[start - 1])
    return int(commas.sum()) + 1 if content[inside].strip(b" \t\r\n") else 0


def _span(
    content: bytes, keys: list[str], depth: NDArray[np.int32], outside: NDArray[np.bool_]
) -> tuple[int, int] | None:
    """Return where the content of the list begins and where its bracket closes."""
    brackets = "{" * (len(keys) - 1) + "["
    start, end = 0, len(content)
    for level, (key, bracket) in enumerate(zip(keys, brackets, strict=True), start=1):
        opened = re.compile(rb'"' + re.escape(key.encode()) + rb'"\s*:\s*' + re.escape(bracket.encode()))
        own = (m for m in opened.finditer(content, start, end) if depth[m.start()] == level and not outside[m.start()])
        match = next(own, None)
        if match is None:
            return None
        start = match.end()
        closed = np.flatnonzero(depth[start:end] == level)
        if not len(closed):
            return None
        end = start + int(closed[0])
    return start, end


def _is_sound(around: bytes, depth: Depth, start: int, end: int) -> bool:
    """Tell whether what stands around the items is one JSON object in which no key stands twice."""
    if NO_TEXT.search(around) or max(depth[:start].max(), depth[end:].max()) > MOST_LEVELS:
        return False
    try:
        return isinstance(json.loads(around, object_pairs_hook=_unique, parse_constant=_refuse), dict)
    except ValueError:
        return False


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
