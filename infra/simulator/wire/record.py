"""One thing that a platform says: as it means it, and as a line that was written down."""

from datetime import date
from operator import attrgetter
from typing import Any, Final, Literal, NamedTuple

Content = dict[str, Any]
Verdict = Literal["good", "duplicate", "superseded", "conflict", "quarantined"]


class Record(NamedTuple):
    """What a platform means: `id` identifies it within its feed, `target` is the kind of event it is meant for."""

    id: str
    event_day: date
    at_us: int
    target: str
    content: Content


class Revised(NamedTuple):
    """A record that is told twice: wrongly at first, then as it is, with a higher version."""

    first: Record
    later: Record


IN_TIME: Final = attrgetter("at_us", "id")
"""The order of time, of records at the same moment that of their ids."""


class Line(NamedTuple):
    """A record as it was written, and what should become of it.

    A quarantined line has a reason, and neither id nor event day nor target. Of equal lines one is good, and which one
    it is depends on where they stand: of copies only the number can be told beforehand.
    """

    data: bytes
    id: str | None
    event_day: date | None
    target: str | None
    verdict: Verdict
    reason: str | None = None
    head: bytes = b""

    @property
    def physical_lines(self) -> int:
        """How many lines it is to who ends a line at each line feed."""
        return 1 + self.data.count(b"\n")
