"""The quarantine as its page tells it: causes, objects not let in, and shares by day; never a byte of a record."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from infra.app.app import App
from infra.app.door import REFUSED, Outside, outside
from infra.app.quarantine import Cause, DayShare, read_causes, shares

DAYS_SHOWN: Final = 30
HIGHEST: Final = 18
"""Height of a picture of shares, in pixels."""


@dataclass(frozen=True)
class SourceShare:
    """The records of one source in all and by day, newest day last; `allowed` is the share its contract allows."""

    source: str
    days: Sequence[DayShare]
    allowed: float

    @property
    def received(self) -> int:
        """Records received on all days."""
        return sum(day.received for day in self.days)

    @property
    def quarantined(self) -> int:
        """Those that could not be read."""
        return sum(day.quarantined for day in self.days)

    @property
    def share(self) -> float:
        """The quarantined part of all."""
        return self.quarantined / self.received if self.received else 0.0

    @property
    def newest(self) -> Sequence[DayShare]:
        """The last days, as many as are shown."""
        return self.days[-DAYS_SHOWN:]

    @property
    def heights(self) -> list[int]:
        """The shares of these days in pixels, the highest as high as the picture; what is not nothing can be seen."""
        highest = max((day.share for day in self.newest), default=0.0)
        return [max(2, round(HIGHEST * day.share / highest)) if day.share else 0 for day in self.newest]


@dataclass(frozen=True)
class QuarantineFacts:
    """Everything the page shows."""

    causes: Sequence[Cause]
    outside: Sequence[Outside]
    sources: Sequence[SourceShare]

    @property
    def records(self) -> int:
        """Quarantined records of all sources."""
        return sum(cause.records for cause in self.causes)

    @property
    def refused(self) -> int:
        """Objects that were refused."""
        return sum(one.state == REFUSED for one in self.outside)


def read_quarantine(app: App) -> QuarantineFacts:
    """The quarantine as it is published; sources that have delivered nothing have no share."""
    found = [SourceShare(name, shares(app, source), source.error_rate) for name, source in app.datasets.sources.items()]
    return QuarantineFacts(read_causes(app), outside(app), [one for one in found if one.days])
