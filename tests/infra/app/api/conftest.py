"""A platform that is asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.simulator.platforms.server import serving
from tests.support.asked_platform import AskedPlatform, write_two_days


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_two_days(tmp_path)


@pytest.fixture
def platform(folder: Path) -> Iterator[AskedPlatform]:
    with serving(folder) as server:
        yield AskedPlatform(folder, server)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long before asking again."""
    monkeypatch.setattr("infra.app.api_client.FIRST_PAUSE_SECONDS", 0.001)
