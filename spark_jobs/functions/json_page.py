"""A page of an interface as it was answered: where in its bytes each item stands, and what stands around them.

{"result":{"items":[ item , item ],"nextCursor":"c2"}}     path: result.items

Strings and brackets alone say where an item ends. So one that is broken inside keeps its own bytes and spares its
neighbours, and the page around the items is judged as strictly as a line.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from spark_jobs.functions.count_records import LARGEST_PAGE_BYTES
from spark_jobs.functions.json_line import Json, LineError, LineParser

NOT_A_PAGE = "not_a_page"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BLANKS = b" \t\r\n"
# The closing quote may be missing, so that a string that never ends is gone through once and not from every quote.
TOKEN = re.compile(rb'"(?:[^"\\]+|\\.)*+"?|[{}\[\],:]', re.DOTALL)
OPENING, CLOSING = (b"{", b"["), (b"}", b"]")
Tokens = Iterator[re.Match[bytes]]


@dataclass(frozen=True)
class Page:
    """The bytes of each item in their order, and the object around them with an empty list in their place."""

    items: list[bytes]
    around: dict[str, Json]

    def at(self, path: str) -> Json:
        """What stands at a dotted path outside the items, null where nothing does."""
        found: Json = self.around
        for key in path.split("."):
            found = found.get(key) if isinstance(found, dict) else None
        return found


def read_page(data: bytes, path: str) -> Page:
    """Return the items of a page and what is around them.

    Raises LineError where it has no list at the dotted path, and for more bytes than a page has.
    """
    if len(data) > LARGEST_PAGE_BYTES:
        raise LineError(NOT_A_PAGE)
    content = data.removeprefix(BYTE_ORDER_MARK)
    tokens = TOKEN.finditer(content)
    start = _start_of_list(tokens, [f'"{key}"'.encode() for key in path.split(".")])
    ends = list(_ends_of_items(tokens))
    around = content[:start] + content[ends[-1] :]
    try:
        page = Page(_cut(content, start, ends), LineParser().parse(around))
    except LineError:
        raise LineError(NOT_A_PAGE) from None
    # Only where a key is written in two ways can the list be another one than that which parsers find.
    if page.at(path) != []:
        raise LineError(NOT_A_PAGE)
    return page


def _start_of_list(tokens: Tokens, keys: Sequence[bytes]) -> int:
    """Return where the list that the keys lead to begins, behind its bracket."""
    depth, entered = 0, 0
    key, last = b"", b""
    for token in tokens:
        text = token.group()
        if text in OPENING:
            is_on_path = depth == entered and (depth == 0 or (last == b":" and key == keys[entered - 1]))
            depth += 1
            entered += is_on_path
            if entered > len(keys) and text == b"[":
                return token.end()
        elif text in CLOSING:
            depth -= 1
            entered = min(entered, depth)
        elif text not in b":,":
            key = text
        last = text
    raise LineError(NOT_A_PAGE)


def _ends_of_items(tokens: Tokens) -> Iterator[int]:
    """Yield where each item ends, before its comma or, the last, before the bracket that closes the list."""
    depth = 0
    for token in tokens:
        text = token.group()
        if text == b"," and depth == 0:
            yield token.start()
        elif text in OPENING:
            depth += 1
        elif text in CLOSING:
            depth -= 1
            if depth < 0 and text == b"]":
                yield token.start()
                return
            if depth < 0:
                break
    raise LineError(NOT_A_PAGE)


def _cut(content: bytes, start: int, ends: Sequence[int]) -> list[bytes]:
    """Return what stands between the ends, without blanks around it; nothing but blanks in the list is no item."""
    items = []
    for end in ends:
        items.append(content[start:end].strip(BLANKS))
        start = end + 1
    return [] if items == [b""] else items
