"""Coupons: issued at random, so that what they cause can be told from what would have happened anyway."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from infra.simulator.world.day import DAY, HOUR, Day
from infra.simulator.world.phenomena.accounts import COMMUNITY
from infra.simulator.world.phenomena.registrations import Registrations
from infra.simulator.world.world import Phenomenon, World


@dataclass(frozen=True)
class Issue:
    """What is planted of coupons: each day this share of customers gets one, as many are left out on purpose."""

    share_a_day: float = 0.02
    discount: float = 0.15
    valid_days: int = 5


class Coupons(Phenomenon):
    """Who holds a coupon until when; -1 where there is none.

    The community shop issues them and takes them: a coupon is spent by the first order there within its time.
    """

    needs = (Registrations,)

    def __init__(self, world: World, dice: np.random.Generator) -> None:
        super().__init__(world, dice)
        self.planted = world.planted(Issue)
        self.registrations = world[Registrations]
        count = world.setting.people
        self.held = np.full(count, -1, np.int64)
        self.from_us, self.until_us = np.zeros(count, np.int64), np.zeros(count, np.int64)

    def happen(self, day: Day, dice: np.random.Generator) -> None:
        """Customers are drawn into two arms; one gets a coupon at eight in the morning."""
        customers = self.registrations.customers()
        drawn = dice.random(len(customers))
        given, left_out = customers[drawn < self.planted.share_a_day], customers[drawn > 1 - self.planted.share_a_day]
        coupon = day.identities(len(given))
        issued_at, until = day.begin_us + 8 * HOUR, day.begin_us + 8 * HOUR + self.planted.valid_days * DAY
        self.held[given], self.from_us[given], self.until_us[given] = coupon, issued_at, until
        moments = np.full(len(given), issued_at, np.int64)
        day.tell("coupon_issued", coupon=coupon, person=given, at_us=moments, until_us=np.full(len(given), until))
        arm = np.repeat(np.array([1, 0], np.int8), [len(given), len(left_out)])
        day.keep("coupon_arm", person=np.concatenate([given, left_out]), treated=arm)

    def valid(
        self, people: NDArray[np.int32], at_us: NDArray[np.int64], platform: NDArray[np.int8]
    ) -> NDArray[np.int64]:
        """The coupon that each could use at a moment in the shop of a platform, -1 for none."""
        in_time = (at_us >= self.from_us[people]) & (at_us < self.until_us[people])
        return np.where(in_time & (platform == COMMUNITY), self.held[people], -1)

    def spend(self, people: NDArray[np.int32]) -> None:
        """Those used theirs."""
        self.held[people] = -1
