"""The ways to a product, and how often each is gone and ends in a purchase: the reference that the world is set to.

Shares of discovery: search 20 %, social recommendation 45 %, friends 30 %, platform advertising 5 %. Influence on what
is bought: own need 40 %, friends 25 %, KOL 30 %, community 5 %.
"""

from dataclasses import dataclass
from enum import IntEnum


class Channel(IntEnum):
    """How somebody came to look at a product."""

    SEARCH = 0
    CREATOR = 1
    COMMUNITY = 2
    FRIEND = 3
    ADVERTISING = 4


@dataclass(frozen=True)
class Mix:
    """What is planted of channels, in their order; a share of 0 closes a channel.

    Who searches or follows an advertisement comes of own need, so 40 % of purchases stand against 25 % of visits.
    """

    visits_a_day: float = 0.4
    shares: tuple[float, ...] = (0.20, 0.36, 0.09, 0.30, 0.05)
    bought_shares: tuple[float, ...] = (0.32, 0.30, 0.05, 0.25, 0.08)
    conversion: float = 0.08

    def conversions(self) -> tuple[float, ...]:
        """Share of a channel's visits that end in a purchase."""
        pairs = zip(self.bought_shares, self.shares, strict=True)
        return tuple(self.conversion * bought / share if share else 0.0 for bought, share in pairs)
