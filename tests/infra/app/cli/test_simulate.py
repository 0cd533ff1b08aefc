"""`guanxi simulate`: a preset says how large a world and for how long, each option overrides it."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from infra.simulator import simulate
from infra.simulator.world.world import Setting
from tests.support.terminal import Terminal


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Setting, int]]:
    """The worlds that commands ask for; none is lived."""
    found: list[tuple[Setting, int]] = []

    def note(setting: Setting, days: int, *_: Any) -> None:
        found.append((setting, days))

    monkeypatch.setattr(simulate, "simulate", note)
    return found


@pytest.mark.parametrize(
    ("words", "people", "days"),
    [
        ([], 1_000, 3),
        (["--preset", "small"], 1_000, 3),
        (["--preset", "demo"], 3_000, 4),
        (["--preset", "large"], 100_000, 30),
        (["--preset", "large", "--users", 500], 500, 30),
        (["--preset", "demo", "--days", 9], 3_000, 9),
        (["--users", 700, "--days", 1, "--seed", 7], 700, 1),
    ],
)
def test_a_preset_is_overridden_by_each_option(
    asked: list[tuple[Setting, int]], tmp_path: Path, words: list[object], people: int, days: int
) -> None:
    Terminal(tmp_path).run("simulate", "--out", tmp_path / "out", *words)

    assert asked == [(Setting(people, date(2026, 3, 2), 7), days)]


def test_a_world_is_written_with_what_it_was_asked_for(tmp_path: Path) -> None:
    said = Terminal(tmp_path).text("simulate", "--users", 300, "--days", 1, "--dirt", "none", "--out", tmp_path / "out")

    world = json.loads((tmp_path / "out" / "world.json").read_text())
    assert (world["setting"]["people"], world["days"]) == (300, 1)
    assert "2026-03-02" in said


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")

    assert "there is something in this folder already" in Terminal(tmp_path).refusal("simulate", "--out", tmp_path)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    file = tmp_path / "mine.txt"
    file.write_text("mine")

    assert "there is a file of this name" in Terminal(tmp_path).refusal("simulate", "--out", file)
    assert file.read_text() == "mine"


def test_a_world_with_summer_time_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "out"

    refusal = Terminal(tmp_path).refusal("simulate", "--start", "1991-12-31", "--out", out)

    assert "Name 1992-01-01 or later" in refusal
    assert not out.exists()
