"""What is told of groups of the community shop adds up: who leaves one joins another, the last word is the state."""

import numpy as np

from infra.simulator.world.phenomena.memberships import Memberships, Neighbourhood
from tests.infra.simulator.world.conftest import Lived, lived


def test_who_moves_leaves_one_group_and_joins_another(ordinary: Lived) -> None:
    told = ordinary.told("membership")
    left = set(zip(told["person"][~told["joins"]].tolist(), told["group"][~told["joins"]].tolist(), strict=True))
    joined = set(zip(told["person"][told["joins"]].tolist(), told["group"][told["joins"]].tolist(), strict=True))

    assert left
    assert left <= joined


def test_everybody_is_in_the_group_that_was_told_last(ordinary: Lived) -> None:
    told = ordinary.told("membership")
    in_time = np.lexsort((~told["joins"], told["at_us"]))
    last = dict(zip(told["person"][in_time].tolist(), told["group"][in_time].tolist(), strict=True))

    now = ordinary.world[Memberships].group

    assert {person: int(now[person]) for person in last} == last


def test_where_nobody_joins_nobody_is_told_of() -> None:
    told = lived(people=1_000, days=2, planted=(Neighbourhood(joins=0.0),)).told("membership")

    assert not len(told["person"])
