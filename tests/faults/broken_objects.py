"""Objects that go wrong, each with what should become of its records: sound ones stand around a broken one.

One home takes all of them in by one run, so that what one object does to another would be seen too.
"""

import csv
import gzip
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.support.home import order_line
from tests.support.retail_sample import COLUMNS, Line

GOOD: Final = "good"
PLUGIN, RETAIL = "shop_plugin", "retail_export"
DEPTH: Final = 1_500
LONG_LINE_BYTES: Final = 100 * 1_000_000


@dataclass(frozen=True)
class Broken:
    """An object of a source: its bytes, and its records by line: good, or the reason for which each is quarantined."""

    name: str
    source: str
    stored: bytes
    told: Mapping[int, str]

    @property
    def ledger(self) -> dict[tuple[str, int], str]:
        """The fate of each record by its place."""
        return {(self.name, line): GOOD if said == GOOD else "quarantined" for line, said in self.told.items()}


def event(number: str, **changes: Any) -> dict[str, Any]:
    """One sound event of the plugin, whose id is its number; what is changed to None is left out."""
    content = {
        "specversion": "1.0",
        "id": number,
        "source": "/shop/app",
        "type": "shop.product.viewed",
        "time": "2026-03-02T10:00:00+08:00",
        "data": {"visitor_id": f"v{number}", "product_id": "2001"},
        **changes,
    }
    return {key: value for key, value in content.items() if value is not None}


def order(number: str, **changes: Any) -> dict[str, Any]:
    """One sound order line of the plugin."""
    data = {"visitor_id": "v1", "account_id": "u1", "product_id": "2001", "product_name": "cup", "order_id": number}
    more = {"quantity": 3, "unit_price_fen": 1999, "country": "CN"}
    return event(number, type="shop.order.line_placed", data=data | more | changes)


def as_line(content: Mapping[str, Any]) -> bytes:
    """Content as the plugin writes it."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def with_note(number: str, note: bytes) -> bytes:
    """A sound event with something more in it."""
    return as_line(event(number))[:-1] + b',"note":' + note + b"}"


def between(name: str, *broken: tuple[bytes, str]) -> Broken:
    """Broken lines of the plugin, each between two sound ones."""
    lines, told = [as_line(event(f"{name}-0"))], {1: GOOD}
    for number, (line, reason) in enumerate(broken, start=1):
        lines += [line, as_line(event(f"{name}-{number}"))]
        told |= {len(lines) - 1: reason, len(lines): GOOD}
    return Broken(f"{name}.jsonl.gz", PLUGIN, _packed(b"\n".join(lines) + b"\n"), told)


def plugin_object(name: str, stored: bytes, told: Mapping[int, str]) -> Broken:
    """An object of the plugin as its bytes stand."""
    return Broken(name, PLUGIN, stored, told)


def written(*lines: Line, header: tuple[str, ...] = COLUMNS) -> bytes:
    """Rows of the retail shop as it writes them."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([header, *lines])
    return text.getvalue().encode()


def rows_between(name: str, *broken: tuple[bytes, Mapping[int, str]]) -> Broken:
    """Broken rows of the retail shop, each between two sound ones; reasons by line from the broken one's first."""
    content, told = written(order_line(invoice=f"{name}0")), {2: GOOD}
    for number, (row, reasons) in enumerate(broken, start=1):
        first = content.count(b"\n") + 1
        told |= {first + offset: reason for offset, reason in reasons.items()}
        content += row + b"\n"
        told |= {content.count(b"\n") + 1: GOOD}
        content += written(order_line(invoice=f"{name}{number}")).partition(b"\n")[2]
    return Broken(f"{name}.csv.gz", RETAIL, _packed(content), told)


def retail_object(name: str, content: bytes, told: Mapping[int, str]) -> Broken:
    """An object of the retail shop as its bytes stand."""
    return Broken(name, RETAIL, content, told)


def row(**changes: Any) -> bytes:
    """One row of the retail shop, without its end."""
    return written(order_line(**changes)).partition(b"\n")[2].rstrip(b"\n")


def half(stored: bytes) -> bytes:
    """The first half of an object."""
    return stored[: len(stored) // 2]


def deep(number: str) -> bytes:
    """An event with lists in lists."""
    return with_note(number, b"[" * DEPTH + b"]" * DEPTH)


def long(number: str) -> bytes:
    """An event on a line of 100 MB."""
    return with_note(number, b'"' + b"x" * LONG_LINE_BYTES + b'"')


def _packed(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=1, mtime=0)
