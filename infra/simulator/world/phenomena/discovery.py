"""Visits: how people come to look at a product, by their own need, creators, their community, friends or advertising.

Every visit has a cause that happened: a search of one's own, a post that was seen, something a friend passed on, an
advertisement that was clicked. Who sees a creator's post comes with a probability of 1 - exp(-rate influence), which
stays below 1 however great the influence. What friends pass on is a branching process: a visit causes, on average, as
many further ones as the friends' share of the mix, so that this share comes out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from infra.simulator.world.channels import Channel, Mix
from infra.simulator.world.day import HOUR, Column, Columns, Day, Postponed, chosen, joined
from infra.simulator.world.phenomena.accounts import COMMUNITY, LIVESTREAM, Accounts
from infra.simulator.world.phenomena.advertising import Advertising
from infra.simulator.world.phenomena.creators import Creators
from infra.simulator.world.phenomena.follows import Follows
from infra.simulator.world.phenomena.people import People
from infra.simulator.world.phenomena.posts import Posts
from infra.simulator.world.phenomena.products import CATEGORIES, Products
from infra.simulator.world.phenomena.registrations import Registrations
from infra.simulator.world.world import WARM_UP_DAYS, Phenomenon, World


@dataclass(frozen=True)
class Habits:
    """What is planted of visits beside the mix; `shared` and `friends` are means of what a visit passes on."""

    shared: float = 0.30
    friends: float = 2.0
    friend_comes_after_hours: float = 0.7
    sigma: float = 1.0
    on_livestream: tuple[float, ...] = (0.15, 0.35, 0.10, 0.20, 0.40)
    """Share of visits by channel that take place in the shop of platform B, by those with an account; others on C."""
    signed_in: float = 0.7


class Discovery(Phenomenon):
    """The visits of the day in `visits`: who looks at what, when, through which channel and because of whom or what."""

    needs = (People, Products, Accounts, Follows, Creators, Registrations, Posts, Advertising)

    def __init__(self, world: World, dice: np.random.Generator) -> None:
        super().__init__(world, dice)
        self.planted, self.mix = world.planted(Habits), world.planted(Mix)
        self.people, self.products, self.accounts = world[People], world[Products], world[Accounts]
        self.follows, self.creators = world[Follows], world[Creators]
        self.registrations, self.advertising = world[Registrations], world[Advertising]
        self._later = Postponed()
        self.come_of_share = 0.0
        """The chance that somebody comes to whom a friend passed something on, set in the warm-up."""
        self._sent = self._reached = 0
        self.come_of_creator = self.come_of_member = 0.0
        """What a post makes come, set in the warm-up: of creators a rate for an influence of 1, of others a chance."""
        self._wanted, self._seen_of = 0.0, np.zeros(0)
        self.visits: Columns = {}
        self._shares = 0

    def happen(self, day: Day, dice: np.random.Generator) -> None:
        """Visits of all channels; those that friends cause come after those that caused them."""
        customers = float(self.registrations.is_customer.sum())
        self._set_rates(day, customers)
        if day.number == 0:
            self._refuse_too_few_friends()
        wave = joined(joined(self._searches(day, dice), self._from_posts(day, dice)), self._from_clicks(day))
        told, self._shares = wave, 0
        while len(wave["at_us"]):
            wave = self._later.due(day, self._passed_on(day, wave, dice))
            told = joined(told, wave)
        visits = chosen(told, np.argsort(told["at_us"], kind="stable"))
        self.visits = {"visit": day.identities(len(visits["at_us"])), **visits, **self._places(visits, dice)}
        day.tell("visit", **self.visits)

    def of_hired(self, day: Day, person: Column, product: Column, at_us: Column, dice: np.random.Generator) -> Columns:
        """Visits of people paid to search a product of the community shop, numbered on from those of the day."""
        wave = self._visits(person, product, at_us, Channel.SEARCH)
        signed_in = (dice.random(len(person)) < self.planted.signed_in) & self.accounts.has[person, COMMUNITY]
        platform = np.full(len(person), COMMUNITY, np.int8)
        number = day.identities(len(person), len(self.visits["visit"]))
        return {"visit": number, **wave, "platform": platform, "signed_in": signed_in}

    def _set_rates(self, day: Day, customers: float) -> None:
        """During the warm-up, set how likely a post makes somebody come so that its channel has its share.

        Posts of the few whom many follow move single days, so it is set to what all days were like so far.
        """
        if day.number >= 0:
            return
        # On the very first day few have seen anything yet, as posts are seen hours after they were written.
        if day.number <= 1 - WARM_UP_DAYS:
            self._wanted, self._seen_of = 0.0, np.zeros(self.people.count)
        self._wanted += self.mix.visits_a_day * customers
        self._seen_of += np.bincount(self._seen(day)["author"], minlength=self.people.count)
        by_creators, by_members = self._seen_of[self.creators.person], self._seen_of[~self.creators.is_creator].sum()
        by_creator = self._wanted * self.mix.shares[Channel.CREATOR]
        self.come_of_creator = _rate(by_creators, self.creators.own, by_creator)
        self.come_of_member = self._wanted * self.mix.shares[Channel.COMMUNITY] / max(1.0, float(by_members))

    def _seen(self, day: Day) -> Columns:
        exposures = day.truth["exposure"]
        counts = (exposures["product"] >= 0) & self.registrations.is_customer[exposures["person"]]
        return chosen(exposures, counts)

    def _searches(self, day: Day, dice: np.random.Generator) -> Columns:
        rate = self.mix.visits_a_day * self.mix.shares[Channel.SEARCH]
        counts = dice.poisson(rate * self.people.activity * self.registrations.is_customer)
        person = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        favourite = dice.random(len(person)) < self.people.planted.favourite_share
        category = np.where(favourite, self.people.favourite[person], dice.choice(len(CATEGORIES), len(person)))
        product = self.products.choose(category, dice)
        return self._visits(person, product, self.people.moments(person, day, dice), Channel.SEARCH)

    def _from_posts(self, day: Day, dice: np.random.Generator) -> Columns:
        seen = self._seen(day)
        by_creator = self.creators.is_creator[seen["author"]]
        of_creator = -np.expm1(-self.come_of_creator * self.creators.influence[seen["author"]])
        chance = np.where(by_creator, of_creator, self.come_of_member)
        come = dice.random(len(chance)) < chance
        rows, channel = chosen(seen, come), np.where(by_creator[come], Channel.CREATOR, Channel.COMMUNITY)
        visits = self._visits(rows["person"], rows["product"], rows["at_us"], channel, rows["author"], rows["post"])
        return {**visits, "emotion": rows["emotion"]}

    def _from_clicks(self, day: Day) -> Columns:
        clicks = self.advertising.clicks
        return self._visits(
            clicks["person"], clicks["product"], clicks["at_us"], Channel.ADVERTISING, campaign=clicks["campaign"]
        )

    def _passed_on(self, day: Day, visits: Columns, dice: np.random.Generator) -> Columns:
        """Visits of friends to whom somebody passed on what they looked at; some are due another day."""
        shares = dice.random(len(visits["person"])) < self.planted.shared
        sent = dice.poisson(self.planted.friends, len(shares)) * shares
        origin = np.repeat(np.arange(len(sent)), sent)
        sharer = visits["person"][origin]
        friend = self.follows.followed_by.one_of(sharer, dice)
        asked = (friend >= 0) & self.registrations.is_customer[np.maximum(friend, 0)]
        hours = self.planted.friend_comes_after_hours * np.exp(self.planted.sigma * dice.standard_normal(len(origin)))
        at = visits["at_us"][origin] + (hours * HOUR).astype(np.int64)
        product = visits["product"][origin]
        share = np.full(len(origin), -1, np.int64)
        share[asked] = day.identities(int(asked.sum()), self._shares)
        self._shares += int(asked.sum())
        sent_at = visits["at_us"][origin][asked]
        day.tell("share", share=share[asked], sharer=sharer[asked], product=product[asked], at_us=sent_at)
        self._set_chance(day, len(asked), int(asked.sum()))
        come = asked & (dice.random(len(origin)) < self.come_of_share)
        return self._visits(friend[come], product[come], at[come], Channel.FRIEND, sharer[come], share=share[come])

    def _set_chance(self, day: Day, sent: int, reached: int) -> None:
        """During the warm-up, set the chance with which a visit brings as many friends as planted, by how many of those
        to whom something is passed on are customers; with more customers more come from there on.
        """
        if day.number >= 0:
            return
        self._sent, self._reached = self._sent + sent, self._reached + reached
        asked = self.planted.shared * self.planted.friends * self._reached
        self.come_of_share = min(1.0, self.mix.shares[Channel.FRIEND] * self._sent / asked) if asked else 0.0

    def _refuse_too_few_friends(self) -> None:
        """ValueError where even if all of them came friends would not have their share, beyond what is by chance."""
        if not self._sent or not self.planted.shared * self.planted.friends:
            return
        reached = self._reached / self._sent
        wanted = self.mix.shares[Channel.FRIEND] / (self.planted.shared * self.planted.friends)
        if wanted > reached + 4 * np.sqrt(reached * (1 - reached) / self._sent):
            raise ValueError(
                f"Mix.shares of friends is {self.mix.shares[Channel.FRIEND]}, but a visit is passed on to "
                f"{self.planted.shared * self.planted.friends * reached:.2f} customers on average, who bring no more "
                "even if all of them come: lower that share, or raise Habits.shared, Habits.friends or "
                "Growth.customers_at_start."
            )

    def rates(self) -> NDArray[np.float64]:
        """How often what a channel lives of makes somebody come, by channel, as it is after the warm-up.

        Searches a day of somebody of activity 1, rate of a creator's post at an influence of 1, chances that come of a
        member's post, of what a friend passed on, and of an impression.
        """
        searches = self.mix.visits_a_day * self.mix.shares[Channel.SEARCH]
        of_posts = (self.come_of_creator, self.come_of_member)
        return np.array([searches, *of_posts, self.come_of_share, self.advertising.planted.clicked])

    def _visits(
        self,
        person: Column,
        product: Column,
        at_us: Column,
        channel: Column | Channel,
        cause: Column | int = -1,
        post: Column | int = -1,
        share: Column | int = -1,
        campaign: Column | int = -1,
    ) -> Columns:
        count = len(person)
        return {
            "person": person,
            "product": product,
            "at_us": at_us,
            "channel": np.broadcast_to(np.asarray(channel, np.int8), count),
            "because_of": np.broadcast_to(np.asarray(cause, np.int32), count),
            "post": np.broadcast_to(np.asarray(post, np.int64), count),
            "share": np.broadcast_to(np.asarray(share, np.int64), count),
            "campaign": np.broadcast_to(np.asarray(campaign, np.int32), count),
            "emotion": self.products.appeal[product],
        }

    def _places(self, visits: Columns, dice: np.random.Generator) -> Columns:
        """The platform of each visit, and whether the visitor is signed in with an account there."""
        person, count = visits["person"], len(visits["person"])
        wanted = dice.random(count) < np.array(self.planted.on_livestream)[visits["channel"]]
        platform = np.where(wanted & self.accounts.has[person, LIVESTREAM], LIVESTREAM, COMMUNITY).astype(np.int8)
        # The livestream has no visitors without an account.
        signed_in = (platform == LIVESTREAM) | (dice.random(count) < self.planted.signed_in)
        return {"platform": platform, "signed_in": signed_in & self.accounts.has[person, platform]}


def _rate(seen: NDArray[np.float64], influence: NDArray[np.float64], wanted: float) -> float:
    """The rate at which so many come of all who saw posts, by author; the greatest there is where they are too few."""
    greatest = 50.0

    def missing(rate: float) -> float:
        return wanted - float((seen * -np.expm1(-rate * influence)).sum())

    if not wanted:
        return 0.0
    return float(brentq(missing, 0.0, greatest)) if missing(greatest) < 0 else greatest
