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


def test_tests_that_the_manual_names_are_there(model: str) -> None:
    named = re.findall(r"`(?:[\w/]+/)?(test_[\w*]+\.py)`", model)

    assert named
    assert not [name for name in named if not any(HERE.glob(name))]
