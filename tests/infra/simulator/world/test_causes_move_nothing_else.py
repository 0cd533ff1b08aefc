"""A cause that is switched off moves the tables that it may move, and no byte of any other."""

import pytest

from tests.infra.simulator.world.conftest import Lived, digests, lived
from tests.infra.simulator.world.switches import SWITCHES


def all_digests(world: Lived) -> dict[str, list[str]]:
    """A hash of every table of every day, of what platforms see and of the truth."""
    found: dict[str, list[str]] = {f"given/{name}": [one] for name, one in digests(world.world.given()).items()}
    for day in world.days:
        for prefix, tables in (("", day.tables), ("truth/", day.truth)):
            for name, one in digests(tables).items():
                found.setdefault(prefix + name, []).append(one)
    return found


@pytest.mark.parametrize("name", SWITCHES)
def test_a_cause_moves_only_what_it_may(name: str) -> None:
    switch = SWITCHES[name]
    on = all_digests(lived(people=3_000, days=3, seed=1, planted=switch.both))
    off = all_digests(lived(people=3_000, days=3, seed=1, planted=(switch.off, *switch.both)))

    moved = {table for table in on if on[table] != off[table]}

    assert moved
    assert moved <= switch.moves
    assert on.keys() == off.keys()
