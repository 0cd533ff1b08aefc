"""The same setting gives the same world, and what is changed in one phenomenon moves only what it causes."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from infra.simulator.world import phenomena
from infra.simulator.world.phenomena.interactions import ACTIONS
from infra.simulator.world.phenomena.payments import Settlement
from infra.simulator.world.world import Phenomenon, Setting, World, found, in_order
from tests.infra.simulator.world.conftest import START, Lived, digests, lived

SMALL = {"people": 2_000, "days": 3}


def test_the_same_setting_gives_the_same_days() -> None:
    first, second = (list(World(Setting(2_000, START)).days(3)) for _ in range(2))

    assert [digests(day.tables) for day in first] == [digests(day.tables) for day in second]
    assert [digests(day.truth) for day in first] == [digests(day.truth) for day in second]


def test_another_seed_gives_another_world() -> None:
    one, other = lived(**SMALL), lived(**SMALL, seed=8)

    assert digests(one.days[0].tables)["order"] != digests(other.days[0].tables)["order"]


def test_a_day_does_not_depend_on_how_many_follow() -> None:
    few, many = lived(**SMALL), lived(people=2_000, days=5)

    assert [digests(day.tables) for day in few.days] == [digests(day.tables) for day in many.days[:3]]


def test_what_is_planted_in_one_phenomenon_moves_only_what_it_causes() -> None:
    usual, lenient = lived(**SMALL), lived(**SMALL, planted=(Settlement(refund_log_odds=-1.0),))

    for before, after in zip(usual.days, lenient.days, strict=True):
        moved = {name for name, digest in digests(before.tables).items() if digests(after.tables).get(name) != digest}
        assert moved == {"refund"}


def test_rows_have_numbers_of_their_own(ordinary: Lived) -> None:
    for table, column in {
        "order": "order",
        "visit": "visit",
        "payment": "payment",
        "interaction": "interaction",
    }.items():
        numbers = ordinary.told(table)[column]
        assert len(set(numbers.tolist())) == len(numbers), table


def test_everything_is_told_on_its_day_or_just_after_midnight(ordinary: Lived) -> None:
    # Steps of a visit that began before midnight may end after it.
    slack_us = 3_600_000_000 * 2
    for day in ordinary.days:
        for name, columns in day.tables.items():
            if "at_us" in columns and len(columns["at_us"]):
                assert columns["at_us"].min() >= day.begin_us, name
                assert columns["at_us"].max() < day.end_us + slack_us, name


def test_nobody_comes_before_they_have_registered(ordinary: Lived) -> None:
    for day, is_customer in ordinary.customers():
        for table, who in {"visit": "person", "group_opened": "person", "coupon_issued": "person"}.items():
            assert is_customer[day.tables[table][who]].all(), (day.date, table)


def test_everybody_registers_once(ordinary: Lived) -> None:
    people = ordinary.told("registration")["person"]

    assert len(np.unique(people)) == len(people)


def test_orders_of_hired_accounts_come_of_a_visit_that_ends_in_a_checkout(ordinary: Lived) -> None:
    brushed, steps = ordinary.true("brushed_order"), ordinary.told("interaction")
    checked_out = steps["visit"][steps["action"] == ACTIONS.index("checkout")]

    assert len(brushed["visit"])
    assert np.isin(brushed["visit"], checked_out).all()


@pytest.fixture
def added_phenomenon(tmp_path: Path) -> Iterator[str]:
    """A file in a folder that the phenomena are found in too."""
    (tmp_path / "rain.py").write_text(
        "from infra.simulator.world.world import Phenomenon\n"
        "from infra.simulator.world.phenomena.purchases import Purchases\n"
        "class Rain(Phenomenon):\n"
        "    needs = (Purchases,)\n"
        "    def happen(self, day, dice):\n"
        "        day.tell('rain', drops=dice.integers(0, 9, 3))\n"
    )
    phenomena.__path__.append(str(tmp_path))
    yield "rain"
    phenomena.__path__.remove(str(tmp_path))


def test_a_new_file_is_a_new_phenomenon(added_phenomenon: str) -> None:
    (day,) = World(Setting(500, START)).days(1)

    assert len(day.tables[added_phenomenon]["drops"]) == 3


def test_phenomena_happen_after_those_they_need() -> None:
    order = in_order(found())

    for position, kind in enumerate(order):
        assert set(kind.needs) <= set(order[:position])
    assert all(issubclass(kind, Phenomenon) for kind in order)
