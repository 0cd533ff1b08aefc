"""Rows of CSV as the payment service writes them, and the ways in which they go wrong."""

from collections.abc import Mapping
from datetime import date
from typing import ClassVar

from infra.simulator.wire.damages import Damage, Writer, in_turn, with_value
from infra.simulator.wire.feed import Feed
from infra.simulator.wire.forms import CsvObjects, Form
from infra.simulator.wire.record import Content
from infra.simulator.wire.times import market_text
from infra.simulator.world.day import Column

AMOUNT = "AMOUNT_YUAN"
_COMPACT = str.maketrans("", "", "-T:")


def _amount_as(broken: bytes) -> Damage:
    """An amount that no reader can take for one, as it is broken at all."""

    def damaged(feed: Writer, content: Content) -> bytes:
        before, after = feed.write(content | {AMOUNT: "@"}).split(b"@")
        return before + broken + after

    return damaged


class CsvFeed(Feed):
    """A feed of rows: a record's content has a text for each column of the day, in their order."""

    form: ClassVar[Form] = CsvObjects(totals=(AMOUNT,))
    columns: ClassVar[tuple[str, ...]]
    # A line feed in quotes: for a reader that ends a row at each line feed, two rows with half a pair of quotes each.
    once_a_day: ClassVar[Mapping[str, Damage]] = {"unbalanced_quote": _amount_as(b'"1\n.00"')}
    added: ClassVar[tuple[str, ...]] = ()
    """The columns that a newer schema has at its end."""

    def write(self, content: Content) -> bytes:
        """A row; no text in it has anything to quote."""
        return ",".join(content.values()).encode()

    def head(self, day: date) -> bytes:
        """The names of the columns."""
        return ",".join(self.columns + (self.added if self.has_evolved(day) else ())).encode()


def compact_text(at_us: Column) -> list[str]:
    """Moments as 20260302100000 on the market's clock."""
    return [text.translate(_COMPACT) for text in market_text(at_us)]


# What cannot be read as text has no amount either, so that a control total is the same for every reader.
CSV_DAMAGES: Mapping[str, Damage] = {
    "wrong_field_count": in_turn(
        lambda feed, content: feed.write(content | {AMOUNT: ""}).replace(b",,", b",", 1),
        lambda feed, content: feed.write(content) + b",1",
    ),
    "nul_byte": _amount_as(b"1\x00.00"),
    "invalid_utf8": in_turn(_amount_as(b"1\xc3\x28.00"), _amount_as("一百".encode("gbk"))),
    "bare_carriage_return": _amount_as(b"1\r.00"),
    "misplaced_quote": _amount_as(b'1"0".00'),
    "invalid_amount": in_turn(with_value(AMOUNT, "1O.00"), with_value(AMOUNT, "99999999999999999999.00")),
}
