"""One order through the loop: on time, delivered again corrected, duplicated, and read by a mapping that changed."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from infra.app import code
from infra.app.app import PROJECT_ROOT, App
from infra.app.diff import diff
from infra.app.lineage import lineage, published_versions
from infra.app.status import status
from infra.app.survey import survey
from infra.app.warehouse import query
from infra.loop.plan import Scope
from infra.loop.result import Outcome, Result
from tests.support.home import SOURCE, deliver, fed_by, open_home, order_line

pytestmark = pytest.mark.fault(
    16, 18, how="a correction of a published day, the same file again, its bytes under another name", part=True
)

ORDER = order_line(invoice="500001", at="2026-03-02 10:00:00", price="2.50", quantity=4)
OTHER_DAY = order_line(invoice="500100", at="2026-03-04 09:00:00", customer="10002.0")


@dataclass
class Story:
    """The home in which the story happens, chapter after chapter, and what the chapters tell each other."""

    app: App
    files: Path
    first_object: str = ""

    def run(self, **scope: Any) -> dict[str, Result]:
        return {result.dataset: result for result in self.app.run(scope=Scope(**scope))}

    def sales_of(self, day: str) -> Any:
        sql = f"select gross_sales from marts.growth_daily where day = '{day}'"
        return query(self.app.settings.warehouse_file, sql)[1][0][0]

    def fates(self) -> dict[str, dict[str, Any]]:
        columns, rows = query(self.app.settings.warehouse_file, "select * from marts.source_balance")
        return {row[columns.index("object_name")]: dict(zip(columns, row, strict=True)) for row in rows}


@pytest.fixture(scope="module")
def story(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("one_order")
    return Story(open_home(folder, spark), folder / "files")


def test_chapter_1_on_time_the_order_reaches_every_layer(story: Story) -> None:
    story.first_object = deliver(story.app, story.files, "2026-03-02.csv.gz", [ORDER])
    deliver(story.app, story.files, "2026-03-04.csv.gz", [OTHER_DAY])

    results = story.run()

    published = {name for name, result in results.items() if result.outcome is Outcome.PUBLISHED}
    assert published == fed_by(story.app, SOURCE), results
    assert results["events.payment"].outcome is Outcome.UNCHANGED, "nobody has delivered a payment"
    assert results["events.order_line"].committed == ("2026-03-02", "2026-03-04")
    assert results["features.user_value"].committed == ("2026-03-02", "2026-03-03", "2026-03-04")
    assert float(story.sales_of("2026-03-02")) == 10.0


def test_chapter_2_a_second_run_has_nothing_to_do(story: Story) -> None:
    assert all(forecast.is_level for forecast in survey(story.app))
    assert {result.outcome for result in story.run().values()} == {Outcome.UNCHANGED}


def test_chapter_3_the_lineage_ends_at_the_landing_store(story: Story) -> None:
    ancestry = lineage(story.app, "marts.growth_daily")

    events = ancestry.inputs[0]
    assert (ancestry.dataset, events.dataset) == ("marts.growth_daily", "events.order_line")
    raw = events.inputs[0]
    assert [raw.dataset, raw.inputs[0].dataset, raw.inputs[0].inputs[0].dataset] == [
        "raw.retail_export",
        "raw.objects",
        "landing",
    ]


def test_chapter_4_a_correction_restates_the_order_and_what_reads_it(story: Story) -> None:
    corrected = order_line(invoice="500001", at="2026-03-02 10:00:00", price="2.75", quantity=4)
    deliver(story.app, story.files, "2026-03-02b.csv.gz", [corrected], supersedes=[story.first_object])

    results = story.run()

    assert results["events.order_line"].committed == ("2026-03-02",)
    assert results["features.purchase_30d"].committed == ("2026-03-02", "2026-03-03", "2026-03-04")
    # Recency, frequency and repeat sales do not hang on the price of a first order: the state comes out as it was.
    assert results["features.user_value"].committed == ()
    assert results["marts.retention_cohort"].committed == ()
    assert float(story.sales_of("2026-03-02")) == 11.0


def test_chapter_5_the_difference_names_the_delivery_behind_it(story: Story) -> None:
    newest, before = [v.snapshot_id for v in published_versions(story.app.lake.table("marts.growth_daily"))][:2]

    found = diff(story.app, "marts.growth_daily", before, newest)

    assert (found.left, found.came) == (1, 1)
    assert [landed.split(" (")[0] for landed in found.objects] == ["+ 2026-03-02b.csv.gz", "- 2026-03-02.csv.gz"]


@pytest.mark.fault(16, how="the same file again, its bytes under another name")
def test_chapter_6_the_same_bytes_again_are_duplicates(story: Story) -> None:
    before = published_versions(story.app.lake.table("features.user_value"))[0].snapshot_id
    deliver(story.app, story.files, "2026-03-02b.csv.gz", [order_line(price="2.75", quantity=4)])
    assert {result.outcome for result in story.run().values()} == {Outcome.UNCHANGED}

    deliver(story.app, story.files, "copy.csv.gz", [order_line(price="2.75", quantity=4)])
    results = story.run()

    assert results["features.user_value"].committed == ()
    assert published_versions(story.app.lake.table("features.user_value"))[0].snapshot_id != before
    fates = story.fates()
    assert (fates["2026-03-02b.csv.gz"]["good"], fates["copy.csv.gz"]["duplicates"]) == (1, 1)
    assert fates["2026-03-02.csv.gz"]["superseded_object"] == 1
    assert all(row["balanced"] for row in fates.values())


def test_chapter_7_a_changed_mapping_waits_for_somebody_to_ask(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _change_code(monkeypatch, tmp_path, "spark_jobs.raw.retail_export")
    changed = _reopened(story)

    results = {result.dataset: result for result in changed.app.run()}

    assert results["raw.retail_export"].committed == ()
    owed = {row.dataset: row.owed for row in status(changed.app)}
    assert any("--rebuild" in text for text in owed["raw.retail_export"])

    rebuilt = changed.run(rebuild=True)
    assert rebuilt["raw.retail_export"].committed == ("2026-03-02", "2026-03-04")
    assert rebuilt["events.order_line"].committed == ()
    assert not any(row.owed for row in status(changed.app))


def _change_code(monkeypatch: pytest.MonkeyPatch, folder: Path, module: str) -> None:
    """Make the code hash see one more statement at the end of a module."""
    original = code._file(module)
    assert original is not None
    copy = folder / original.name
    shutil.copyfile(original, copy)
    copy.write_text(copy.read_text() + "\nREVISION = 2\n")
    known = code._file
    monkeypatch.setattr(code, "_file", lambda name: copy if name == module else known(name))


def _reopened(story: Story) -> Story:
    app = App(story.app.settings, story.app.datasets.project)
    app.engine.spark = story.app.engine.spark
    assert story.app.datasets.project.root == PROJECT_ROOT
    return Story(app, story.files)
