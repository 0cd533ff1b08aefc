"""The manual names everything that is planted, and tests that are there."""

import re
from pathlib import Path

import pytest

from infra.simulator.world.phenomena.people import SCORES
from tests.infra.simulator.world.conftest import Lived

HERE = Path(__file__).parent
MANUAL = HERE.parents[3] / "docs" / "simulator.md"
# Scores are named by `SCORES`, and what channels sell by `Mix.conversions`, of which both are a part.
TOGETHER = {*SCORES, "bought_shares", "conversion"}


@pytest.fixture(scope="module")
def model() -> str:
    """The part of the manual that says what is planted."""
    _, _, rest = MANUAL.read_text().partition("\n## What is planted\n")
    return rest.partition("\n## ")[0]


def test_everything_that_is_planted_is_in_the_manual(model: str, ordinary: Lived) -> None:
    missing = [name for name in ordinary.world.all_planted() if not re.search(rf"`{name}[.`]", model)]

    assert not missing, f"{MANUAL}: nothing is said of {missing} under 'What is planted'. Write its model down there."


def test_every_number_that_is_planted_is_in_the_manual(model: str, ordinary: Lived) -> None:
    fields = [(kind, field) for kind, numbers in ordinary.world.all_planted().items() for field in numbers]

    missing = [f"{kind}.{field}" for kind, field in fields if not re.search(rf"`(\w+\.)?{field}`", model)]

    assert not missing, f"{MANUAL}: nothing is said of {missing} under 'What is planted'."


def test_every_number_that_is_planted_is_recovered_by_a_test(ordinary: Lived) -> None:
    tests = [path.read_text() for path in HERE.glob("test_recovered_*.py")]
    fields = [(kind, field) for kind, numbers in ordinary.world.all_planted().items() for field in numbers]

    def is_named(kind: str, field: str) -> bool:
        return any(re.search(rf"\b{kind}\b", test) and re.search(rf'[."]{field}\b', test) for test in tests)

    missing = [f"{kind}.{field}" for kind, field in fields if field not in TOGETHER and not is_named(kind, field)]

    assert not missing, (
        f"No test_recovered_*.py names {missing}. Recover each from what the world tells, in one of them."
    )


def test_tests_that_the_manual_names_are_there(model: str) -> None:
    named = re.findall(r"`(?:[\w/]+/)?(test_[\w*]+\.py)`", model)

    assert named
    assert not [name for name in named if not any(HERE.glob(name))]
