"""Advertising on the platforms: what is spent, how often it is shown, and who clicks; and what creators are paid.

Impressions go to anybody, customer or not, so advertising also wins customers and has a cost for each of them.
"""

from dataclasses import dataclass

import numpy as np

from infra.simulator.world.channels import Channel, Mix
from infra.simulator.world.day import Column, Columns, Day, chosen
from infra.simulator.world.phenomena.creators import Creators
from infra.simulator.world.phenomena.people import People
from infra.simulator.world.phenomena.products import Products
from infra.simulator.world.phenomena.registrations import Registrations
from infra.simulator.world.world import Phenomenon, World


@dataclass(frozen=True)
class Budget:
    """What is planted of advertising; `clicked` is the share of impressions that are clicked.

    `registers` is the share of clicks by people who are no customers yet that make them customers; the channel is
    closed by its share in `Mix`.
    """

    clicked: float = 0.012
    registers: float = 0.05
    price_per_thousand_fen: int = 3_000
    campaigns: int = 6
    contracted_share: float = 0.2
    fee_per_follower_fen: int = 8
    contract_days: int = 7


class Advertising(Phenomenon):
    """The clicks of the day by customers: person, product, campaign and moment, as `clicks` for those who read them."""

    needs = (People, Products, Creators, Registrations)

    def __init__(self, world: World, dice: np.random.Generator) -> None:
        super().__init__(world, dice)
        self.planted, self.mix = world.planted(Budget), world.planted(Mix)
        self.people, self.products = world[People], world[Products]
        self.creators, self.registrations = world[Creators], world[Registrations]
        count = int(len(self.creators.person) * self.planted.contracted_share)
        self.contracted = self.creators.person[:count]
        self.clicks: Columns = {}

    def happen(self, day: Day, dice: np.random.Generator) -> None:
        """Money is spent on showing products, some of which are clicked."""
        # Who is no customer yet may register but does not come to look, so enough is shown for the customers' share.
        visits = self.mix.visits_a_day * self.people.count
        wanted = visits * self.mix.shares[Channel.ADVERTISING] / self.planted.clicked
        shown = dice.multinomial(int(wanted), np.full(self.planted.campaigns, 1 / self.planted.campaigns))
        clicked = dice.binomial(shown, self.planted.clicked)
        campaign = np.repeat(np.arange(self.planted.campaigns, dtype=np.int32), clicked)
        person = dice.integers(0, self.people.count, len(campaign)).astype(np.int32)
        product = self.products.choose(self.people.favourite[person], dice)
        at = self.people.moments(person, day, dice)
        clicks: Columns = {"campaign": campaign, "person": person, "product": product, "at_us": at}
        # Who has registered on this day is no stranger any more and no customer yet.
        self.clicks = chosen(clicks, self.registrations.is_customer[person])
        self._win(day, chosen(clicks, ~self.registrations.is_registered[person]), dice)
        day.tell(
            "ad_spend",
            campaign=np.arange(self.planted.campaigns, dtype=np.int32),
            impressions=shown,
            clicks=clicked,
            cost_fen=shown * self.planted.price_per_thousand_fen // 1000,
        )
        self._sign(day, self.contracted if day.number % self.planted.contract_days == 0 else self.contracted[:0])

    def _win(self, day: Day, clicks: Columns, dice: np.random.Generator) -> None:
        """Some of those who are no customers become customers by their first click, if it is to be."""
        people, first = np.unique(clicks["person"], return_index=True)
        won = dice.random(len(people)) < self.planted.registers
        self.registrations.win(day, people[won], clicks["at_us"][first[won]])
        day.keep("advertised", person=people, campaign=clicks["campaign"][first], won=won)

    def _sign(self, day: Day, creators: Column) -> None:
        followers = self.creators.follows.followers_of.degrees()[creators]
        day.tell(
            "creator_contract",
            contract=day.identities(len(creators)),
            creator=creators,
            fee_fen=np.maximum(10_000, followers * self.planted.fee_per_follower_fen),
            days=np.full(len(creators), self.planted.contract_days, np.int32),
        )
