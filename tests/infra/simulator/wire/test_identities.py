"""Names of two platforms tell nothing of each other, nor of the people behind them."""

from datetime import date

import numpy as np
import pytest

from infra.simulator.wire.identities import Names, Scrambler
from infra.simulator.world.phenomena.accounts import COMMUNITY, LINKS, LIVESTREAM
from infra.simulator.world.world import Setting, World

PEOPLE = 2_000
# Ranks of independent permutations correlate by chance with a deviation of 1 / sqrt(people).
CHANCE = 4 / PEOPLE**0.5


@pytest.fixture(scope="module")
def world() -> World:
    return World(Setting(PEOPLE, date(2026, 3, 2)))


@pytest.mark.parametrize(("one", "other"), [(LINKS, LIVESTREAM), (LINKS, COMMUNITY), (LIVESTREAM, COMMUNITY)])
def test_numbers_on_two_platforms_are_unrelated(world: World, one: int, other: int) -> None:
    first, second = Names(world, one).accounts, Names(world, other).accounts

    assert abs(np.corrcoef(first, second)[0, 1]) < CHANCE
    assert (first == second).mean() < 0.01


@pytest.mark.parametrize("platform", [LINKS, LIVESTREAM, COMMUNITY])
def test_numbers_on_a_platform_do_not_follow_the_people(world: World, platform: int) -> None:
    names = Names(world, platform)

    for numbers in (names.accounts, names.visitors):
        assert abs(np.corrcoef(np.arange(PEOPLE), numbers)[0, 1]) < CHANCE
    assert abs(np.corrcoef(names.accounts, names.visitors)[0, 1]) < CHANCE


def test_scrambled_numbers_stay_apart_and_within_what_json_holds(world: World) -> None:
    numbers = 100_000_000_000 + np.arange(200_000)

    scrambled = Scrambler(world, "order", "b")(numbers)

    assert len(np.unique(scrambled)) == len(numbers)
    assert scrambled.min() >= 0
    assert scrambled.max() < 2**52


def test_scrambled_numbers_show_neither_order_nor_key(world: World) -> None:
    numbers = 100_000_000_000 + np.arange(20_000)

    one, other = (Scrambler(world, "order", platform)(numbers) for platform in "bc")

    assert abs(np.corrcoef(numbers, one)[0, 1]) < 4 / len(numbers) ** 0.5
    assert abs(np.corrcoef(one, other)[0, 1]) < 4 / len(numbers) ** 0.5


def test_a_hint_is_the_same_hash_on_every_platform(world: World) -> None:
    links, livestream = Names(world, LINKS), Names(world, LIVESTREAM)
    on_both = [n for n in range(PEOPLE) if links.has_account(n) and livestream.has_account(n)]

    pairs = [(links.hints(n).get("phone"), livestream.hints(n).get("phone")) for n in on_both]
    given = [one == other for one, other in pairs if one and other]

    # Some are mistyped, shared or recycled.
    assert 0.8 < np.mean(given) < 1.0


def test_who_has_no_account_has_no_hints(world: World) -> None:
    names = Names(world, LIVESTREAM)

    without = [n for n in range(PEOPLE) if not names.has_account(n)]

    assert without
    assert not any(names.hints(n) for n in without)
