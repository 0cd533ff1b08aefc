"""What is planted, switched off cause by cause, and what each cause may move."""

from dataclasses import dataclass, replace
from typing import Final

from infra.simulator.world.channels import Channel, Mix
from infra.simulator.world.phenomena.accounts import HintRates
from infra.simulator.world.phenomena.advertising import Budget
from infra.simulator.world.phenomena.brushing import Ring
from infra.simulator.world.phenomena.coupons import Issue
from infra.simulator.world.phenomena.creators import Influence
from infra.simulator.world.phenomena.discovery import Habits
from infra.simulator.world.phenomena.follows import Blocks
from infra.simulator.world.phenomena.group_buys import Groups
from infra.simulator.world.phenomena.interactions import Steps
from infra.simulator.world.phenomena.memberships import Neighbourhood
from infra.simulator.world.phenomena.payments import Settlement
from infra.simulator.world.phenomena.people import SCORES, Profile
from infra.simulator.world.phenomena.posts import Spread
from infra.simulator.world.phenomena.products import Range
from infra.simulator.world.phenomena.purchases import Decision
from infra.simulator.world.phenomena.registrations import Growth
from infra.simulator.world.phenomena.reviews import Ratings

ORDERS: Final = frozenset(
    {
        "order",
        "order_line",
        "coupon_redeemed",
        "payment",
        "refund",
        "review",
        "truth/brushed_order",
        "truth/brushed_review",
    }
)
"""What is ordered and what comes of it; what is brushed only has other order numbers."""
DECISIONS: Final = ORDERS | {"truth/decision", "interaction"}
VISITS: Final = DECISIONS | {"visit", "share", "given/channel"}
CUSTOMERS: Final = VISITS | {
    *("registration", "invite", "truth/invite_tree", "truth/customer_before", "truth/advertised"),
    *("post", "repost", "truth/exposure", "membership", "coupon_issued", "truth/coupon_arm"),
    *("group_opened", "group_joined", "group_closed", "truth/group_asked"),
    *("given/ring_member",),
}
"""What depends on who is a customer."""


@dataclass(frozen=True)
class Switch:
    """A cause: what is planted instead, the tables that it may move, and what is planted in both worlds."""

    off: object
    moves: frozenset[str]
    both: tuple[object, ...] = ()


def closed(channel: Channel) -> Mix:
    """The mix without a channel."""
    return replace(
        Mix(), shares=tuple(0.0 if one == channel else share for one, share in zip(Channel, Mix().shares, strict=True))
    )


NONE = (0.0, 0.0, 0.0)
SWITCHES: Final = {
    "pass_on": Switch(replace(Spread(), pass_on=0.0), VISITS | {"repost", "truth/exposure"}),
    "influence": Switch(replace(Influence(), effect=0.0), VISITS | {"repost", "truth/exposure", "given/creator"}),
    "invitations": Switch(replace(Growth(), invitations=0.0), CUSTOMERS),
    "friends": Switch(replace(Habits(), shared=0.0), VISITS),
    **{score: Switch(replace(Decision(), **{score: 0.0}), DECISIONS | {"given/channel"}) for score in SCORES},
    "discount": Switch(replace(Issue(), discount=0.0), DECISIONS),
    "groups": Switch(replace(Groups(), joins=0.0), DECISIONS | {"group_joined", "group_closed"}),
    "ring": Switch(replace(Ring(), orders_a_day=0.0), DECISIONS | {"visit"}),
    "spending": Switch(
        replace(Profile(), spending=(1.0, 1.0, 1.0)),
        frozenset({"given/person", "order", "order_line", "payment", "refund"}),
    ),
    "search": Switch(closed(Channel.SEARCH), VISITS),
    "creators": Switch(closed(Channel.CREATOR), VISITS),
    "community": Switch(closed(Channel.COMMUNITY), VISITS),
    "promotions": Switch(replace(Range(), promotion_share=0.0), DECISIONS | {"price", "given/channel"}),
    "memberships": Switch(replace(Neighbourhood(), joins=0.0), frozenset({"membership"})),
    "contracts": Switch(replace(Budget(), contracted_share=0.0), frozenset({"creator_contract"})),
    "refunds": Switch(replace(Settlement(), quality_matters=0.0), frozenset({"refund"})),
    "ratings": Switch(replace(Ratings(), quality=0.0), DECISIONS),
    "likes": Switch(replace(Steps(), emotion_likes=0.0), frozenset({"interaction"})),
    "advertising": Switch(
        closed(Channel.ADVERTISING),
        VISITS | {"ad_spend", "given/channel", "truth/advertised"},
        # Else there would be other customers too.
        (replace(Budget(), registers=0.0),),
    ),
    "won by advertising": Switch(replace(Budget(), registers=0.0), CUSTOMERS),
    "hints": Switch(
        replace(HintRates(), missing=NONE, mistyped=NONE, shared=NONE, recycled=NONE), frozenset({"given/account"})
    ),
    "drift": Switch(
        replace(Blocks(), move_rate=0.0),
        VISITS
        | {
            "truth/community",
            "membership",
            "follow",
            "unfollow",
            "following",
            "repost",
            "truth/exposure",
            "creator_contract",
        }
        | {"group_joined", "group_closed", "truth/group_asked"},
    ),
}
