"""Without their cause, posts are not passed on, influence does not show, nobody invites, brings friends or moves."""

from dataclasses import replace

import numpy as np
import pytest

from infra.simulator.world.channels import Channel
from infra.simulator.world.day import Column, Columns, chosen
from infra.simulator.world.phenomena.accounts import HINTS
from infra.simulator.world.phenomena.advertising import Budget
from infra.simulator.world.phenomena.registrations import CameBy, Growth
from tests.infra.simulator.world.conftest import Lived, lived
from tests.infra.simulator.world.estimators import hazard, poisson_mean
from tests.infra.simulator.world.switches import SWITCHES
from tests.infra.simulator.world.test_recovered_posts import passing_on, seen_of_creators, with_chance_to_come

WHY = ("person", "product", "at_us", "because_of", "post", "emotion")
"""What makes a visit what it is; its number and place are drawn after all visits of a day are known."""


def on_and_off(name: str) -> tuple[Lived, Lived]:
    """The world as it is and without a cause."""
    switch, size = SWITCHES[name], {"people": 15_000, "days": 4, "seed": 1}
    return lived(**size, planted=switch.both), lived(**size, planted=(switch.off, *switch.both))


def same(one: Columns, other: Columns, names: tuple[str, ...]) -> bool:
    """Whether rows are equal, in whatever order."""
    sorted_ = [np.lexsort([rows[name] for name in names]) for rows in (one, other)]
    return all(np.array_equal(one[name][sorted_[0]], other[name][sorted_[1]]) for name in names)


def through(world: Lived, channels: tuple[Channel, ...]) -> Columns:
    """Visits through some channels."""
    visits = world.told("visit")
    return chosen(visits, np.isin(visits["channel"], channels))


def directly_seen(world: Lived) -> Columns:
    """What was seen of posts by who follows their author or lives in the same community."""
    seen = world.true("exposure")
    return chosen(seen, seen["parent"] == seen["author"])


def test_without_passing_on_there_are_no_reposts_and_only_followers_see_a_post() -> None:
    on, off = on_and_off("pass_on")

    assert len(on.told("repost")["post"])
    assert not len(off.told("repost")["post"])
    assert len(directly_seen(off)["post"]) == len(off.true("exposure")["post"]) < len(on.true("exposure")["post"])


def test_without_passing_on_the_first_to_see_a_post_see_it_as_before() -> None:
    on, off = on_and_off("pass_on")

    assert same(directly_seen(on), directly_seen(off), ("post", "person", "at_us"))


def test_without_influence_it_shows_neither_in_reposts_nor_in_visits() -> None:
    on, off = on_and_off("influence")
    planted = on.world.given()["creator"]

    assert 0.0 in passing_on(off, planted)[1]
    visible = seen_of_creators(off, with_chance_to_come(off), planted)
    assert 0.0 in visible.rate(hazard, visible.rows["came"])[1]


def test_without_influence_the_same_people_are_creators() -> None:
    on, off = (world.world.given()["creator"] for world in on_and_off("influence"))

    assert same(on, off, ("person", "topic", "is_local"))
    assert np.all(off["influence"] == 1.0)


def test_without_invitations_nobody_is_invited() -> None:
    _, off = on_and_off("invitations")
    tree = off.true("invite_tree")

    assert not len(off.told("invite")["invite"])
    assert not (tree["came_by"] == CameBy.INVITATION).any()
    assert not tree["generation"].any()


def test_without_invitations_as_many_come_by_themselves() -> None:
    _, off = on_and_off("invitations")
    came_by = off.true("invite_tree")["came_by"]
    customers = len(off.true("customer_before")["person"])
    # Of each day, those are strangers who were so on the first and did not come before.
    arrivals = np.array([len(day.truth["invite_tree"]["person"]) for day in off.days])
    strangers = off.world.setting.people - customers - np.concatenate([[0], np.cumsum(arrivals)[:-1]])

    found = poisson_mean(int((came_by == CameBy.THEMSELVES).sum()), float(strangers.sum()))

    assert off.world.planted(Growth).come_by_themselves_a_day in found


def test_without_sharing_no_friend_comes_and_everybody_else_comes_as_before() -> None:
    on, off = on_and_off("friends")
    others = tuple(channel for channel in Channel if channel != Channel.FRIEND)

    assert len(through(on, (Channel.FRIEND,))["visit"])
    assert not len(through(off, (Channel.FRIEND,))["visit"])
    assert not len(off.told("share")["sharer"])
    assert same(through(on, others), through(off, others), (*WHY, "channel"))


def test_without_advertising_nothing_is_spent_and_those_of_other_channels_come_as_before() -> None:
    on, off = on_and_off("advertising")
    others = (Channel.SEARCH, Channel.CREATOR, Channel.COMMUNITY)

    assert len(through(on, (Channel.ADVERTISING,))["visit"])
    assert not len(through(off, (Channel.ADVERTISING,))["visit"])
    assert {name: int(off.told("ad_spend")[name].sum()) for name in ("impressions", "clicks", "cost_fen")} == {
        "impressions": 0,
        "clicks": 0,
        "cost_fen": 0,
    }
    assert same(through(on, others), through(off, others), (*WHY, "channel"))


@pytest.mark.parametrize(
    ("name", "channel"),
    [("search", Channel.SEARCH), ("creators", Channel.CREATOR), ("community", Channel.COMMUNITY)],
)
def test_through_a_channel_that_is_closed_nobody_comes_by_themselves(name: str, channel: Channel) -> None:
    on, off = on_and_off(name)
    others = tuple(one for one in Channel if one not in {channel, Channel.FRIEND})

    assert (on.own_visits()["channel"] == channel).any()
    assert not (off.own_visits()["channel"] == channel).any()
    for other in others:
        assert (off.own_visits()["channel"] == other).any()


def test_where_nobody_joins_a_group_of_the_shop_nobody_changes_it() -> None:
    _, off = on_and_off("memberships")

    assert not len(off.told("membership")["person"])


def test_without_contracts_no_creator_is_paid() -> None:
    on, off = on_and_off("contracts")

    assert on.told("creator_contract")["fee_fen"].sum()
    assert not len(off.told("creator_contract")["creator"])


def test_without_clicks_that_register_nobody_is_won_by_advertising() -> None:
    winning = lived(people=15_000, days=4, seed=1, planted=(replace(Budget(), registers=0.5),))
    _, off = on_and_off("won by advertising")

    assert CameBy.ADVERTISING in winning.true("invite_tree")["came_by"]
    assert CameBy.ADVERTISING not in off.true("invite_tree")["came_by"]


@pytest.mark.parametrize("hint", HINTS)
def test_without_dirt_every_hint_is_that_of_its_person(hint: str) -> None:
    on, off = (world.world.given()["account"] for world in on_and_off("hints"))

    assert not np.array_equal(on[hint], on["person"])
    assert np.array_equal(off[hint], off["person"])
    assert same(on, off, ("person", "platform"))


def communities(world: Lived) -> Column:
    """Everybody's community, a day a row."""
    return np.stack([day.truth["community"]["community"] for day in world.days])


def test_without_drift_everybody_stays_in_their_community() -> None:
    on, off = (communities(world) for world in on_and_off("drift"))

    assert (on != on[0]).any()
    assert np.array_equal(off, np.broadcast_to(off[0], off.shape))
