"""The manual names everything that is planted, and tests that are there."""

import re
from pathlib import Path

import pytest

from tests.infra.simulator.world.conftest import Lived

HERE = Path(__file__).parent
MANUAL = HERE.parents[3] / "docs" / "simulator.md"


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


def test_what_is_said_not_to_be_recovered_is_planted(model: str, ordinary: Lived) -> None:
    paragraph = model.partition("Not recovered:")[2].partition("\n\n")[0]
    named = re.findall(r"`(\w+)\.(\w+)`", paragraph)

    assert named
    planted = ordinary.world.all_planted()
    assert not [f"{kind}.{field}" for kind, field in named if field not in planted.get(kind, {})]


def test_tests_that_the_manual_names_are_there(model: str) -> None:
    named = re.findall(r"`(?:[\w/]+/)?(test_[\w*]+\.py)`", model)

    assert named
    assert not [name for name in named if not any(HERE.glob(name))]
