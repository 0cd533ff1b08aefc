"""Every section of the runbook in docs/operations.md, played in a home of its own: what it says is what happens."""

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from tests.support.changed_code import ONE_OF_EACH, copy_project
from tests.support.home import order_line
from tests.support.retail_sample import COLUMNS, Line
from tests.support.runbook import HANDBOOK, Player, Section, sections

pytestmark = pytest.mark.slow

SECTIONS = sections(HANDBOOK.read_text())

FIRST_DAY = [order_line("500001", customer="10001.0"), order_line("500002", customer="10002.0", quantity=4)]
SECOND_DAY = [order_line("500101", at="2026-03-03 11:00:00", customer="10001.0")]
THIRD_DAY = [order_line("500201", at="2026-03-04 12:00:00", customer="10003.0", quantity=6)]
FILES: dict[str, list[Line]] = {
    "2026-03-02.csv": FIRST_DAY,
    "2026-03-03.csv": SECOND_DAY,
    "2026-03-04.csv": THIRD_DAY,
    "2026-02-27.csv": [order_line("499901", at="2026-02-27 09:00:00", customer="10002.0")],
    "2026-03-03-corrected.csv": [order_line("500101", at="2026-03-03 11:00:00", customer="10001.0", price="2.75")],
    "2026-03-04-absurd.csv": [*THIRD_DAY, order_line("500202", at="2026-03-04 13:00:00", price="99999999.99")],
    "2026-03-04-new-export.csv": [*THIRD_DAY, order_line("500203", at="2026-03-04 14:00:00", customer="10004.00")],
}
"""What the runbook's examples deliver; the first two are built when a section begins."""


def test_the_runbook_has_a_section_for_everything_that_goes_wrong() -> None:
    assert {section.title for section in SECTIONS} >= {"Upgrade", "A held gate", "A lost catalogue"}


@pytest.fixture(scope="module")
def prepared(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files, the project and a home that is level with the first two files."""
    folder = tmp_path_factory.mktemp("runbook")
    for name, lines in FILES.items():
        with (folder / name).open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([COLUMNS, *lines])
    copy_project(folder / "project", ONE_OF_EACH)
    with pytest.MonkeyPatch.context() as patch:
        player = Player(folder, spark, patch)
        player.type("guanxi land --source retail_export 2026-03-02.csv 2026-03-03.csv")
        player.type("guanxi run")
        assert player.exit_code == 0
    for part in (".guanxi", "project"):
        shutil.copytree(folder / part, folder / "prepared" / part)
    return folder


@pytest.fixture
def player(prepared: Path, spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> Iterator[Player]:
    """A player at the prepared home; tables name their files by full paths, so it lies where it was made."""
    for part in (".guanxi", "project"):
        shutil.rmtree(prepared / part)
        shutil.copytree(prepared / "prepared" / part, prepared / part)
    player = Player(prepared, spark, monkeypatch)
    yield player
    player.project.forget()


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.title)
def test_what_the_runbook_says_is_what_happens(section: Section, player: Player) -> None:
    player.play(section)
