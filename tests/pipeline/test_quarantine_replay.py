"""A mapping is mended and the quarantine replayed: only the objects concerned are decoded again, and all adds up."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from infra.app.app import App
from infra.app.datasets import Project
from infra.app.kinds.raw_source import RawSource
from infra.app.quarantine import read_causes
from infra.app.replay import Replayed, find_replay, replay
from infra.app.warehouse import query
from tests.support.changed_code import ONE_OF_EACH, ChangedProject, copy_project
from tests.support.home import SOURCE, deliver, hashes, open_home, order_line

RAW, EVENTS = "raw.retail_export", "events.order_line"
pytestmark = pytest.mark.fault(44, how="replay chapter by chapter", part=True)
COMPARED = (RAW, EVENTS, "features.user_value", "marts.source_balance")
DELIVERIES = {
    "sound.csv": [order_line("500001", customer="10001.0"), order_line("500002", customer="10002.0", quantity=4)],
    # Two that the mapping of today does not take and a mended one does, one of them a copy of the other.
    "new_form.csv": [
        order_line("500101", at="2026-03-03 11:00:00", customer="10001.0"),
        *2 * [order_line("500102", at="2026-03-05 11:00:00", customer="10004.00")],
    ],
    "broken.csv": [order_line("500201", at="2026-03-04 12:00:00", quantity="two")],
}
FIX = """--- a/spark_jobs/raw/retail_export.py
+++ b/spark_jobs/raw/retail_export.py
-CUSTOMER = r"^[0-9]+(\\.0)?\\z"
+CUSTOMER = r"^[0-9]+(\\.0+)?\\z"
"""


@dataclass
class Story:
    """A home that had the deliveries before the fix, and what the replay did."""

    folder: Path
    spark: SparkSession
    project: ChangedProject
    decoded: list[str] = field(default_factory=list)

    def opened(self, home: str = "replayed") -> App:
        """The home as a command finds it, with the code of now."""
        return open_home(self.folder / home, self.spark, Project(self.project.root), only=COMPARED)

    def deliver(self, app: App) -> App:
        for name, lines in DELIVERIES.items():
            deliver(app, self.folder / "files", name, lines)
        return app

    def replay(self, reason: str | None = None) -> Replayed:
        app = self.opened()
        return replay(app, find_replay(app, SOURCE, reason))[0]

    def balance(self) -> dict[str, Any]:
        sql = "select object_name, received, good, duplicates, quarantined, balanced from marts.source_balance"
        columns, rows = query(self.opened().settings.warehouse_file, sql)
        return {row[0]: dict(zip(columns[1:], row[1:], strict=True)) for row in rows}


@pytest.fixture(scope="module")
def story(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("replay")
    copy_project(folder / "project", ONE_OF_EACH)
    with pytest.MonkeyPatch.context() as patch:
        story = Story(folder, spark, ChangedProject(folder / "project", patch))
        story.deliver(story.opened()).run()
        decode = RawSource.decode

        def noted(source: RawSource, objects: list[dict[str, Any]]) -> Any:
            story.decoded.extend(row["name"] for row in objects)
            return decode(source, objects)

        patch.setattr(RawSource, "decode", noted)
        yield story
        story.project.forget()


def test_1_without_a_fix_nothing_would_come_out_different(story: Story) -> None:
    found = find_replay(story.opened(), SOURCE)

    assert (found.objects, found.as_they_are) == ({}, 3)


def test_2_only_the_objects_with_records_of_the_reason_are_decoded_again(story: Story) -> None:
    story.project.apply(FIX)

    done = story.replay("invalid_customer")

    assert story.decoded == ["new_form.csv"]
    assert (done.good, done.quarantined) == ((1, 3), ({"invalid_customer": 2}, {}))
    assert done.moved == {EVENTS: ("2026-03-05",)}


@pytest.mark.fault(44, how="records in a form that the mapping takes only after a fix, delivered twice")
def test_3_the_balance_closes(story: Story) -> None:
    balance = story.balance()

    assert all(row["balanced"] for row in balance.values())
    assert {name: row["quarantined"] for name, row in balance.items()} == {
        "sound.csv": 0,
        "new_form.csv": 0,
        "broken.csv": 1,
    }
    assert (balance["new_form.csv"]["good"], balance["new_form.csv"]["duplicates"]) == (2, 1)


@pytest.mark.fault(44, how="records in a form that the mapping takes only after a fix, delivered twice")
def test_4_no_event_stands_twice(story: Story) -> None:
    rows = story.opened().lake.table(EVENTS).scan(selected_fields=("event_id", "order_id")).to_arrow().to_pylist()

    assert len(rows) == len({row["event_id"] for row in rows}) == 4
    assert {row["order_id"] for row in rows} == {"500001", "500002", "500101", "500102"}


@pytest.mark.fault(44, how="records in a form that the mapping takes only after a fix, delivered twice")
def test_5_the_tables_are_those_of_a_home_that_had_the_fix_from_the_start(story: Story) -> None:
    fixed = story.deliver(story.opened("from_the_start"))
    fixed.run()

    assert hashes(story.opened(), COMPARED) == hashes(fixed, COMPARED)


def test_6_what_is_left_says_by_which_code_it_was_judged_and_is_replayed_when_asked_for(story: Story) -> None:
    (left,) = read_causes(story.opened(), [SOURCE])
    assert (left.reason, left.records, left.outdated) == ("invalid_quantity", 1, 1)
    story.decoded.clear()
    before = hashes(story.opened(), COMPARED)

    done = story.replay()

    assert story.decoded == ["broken.csv"]
    assert (done.now_good, done.quarantined[1], done.moved) == (0, {"invalid_quantity": 1}, {})
    assert hashes(story.opened(), COMPARED) == before
    assert (find_replay(story.opened(), SOURCE).objects, read_causes(story.opened())[0].outdated) == ({}, 0)
