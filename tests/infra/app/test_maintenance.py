"""Maintenance drops what nobody needs any more, and nothing that a published version was built from."""

import os
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from infra.app import maintenance
from infra.app.app import App
from infra.app.maintenance import Maintained, maintain
from infra.app.survey import survey
from infra.lake import branch
from infra.lake.content import content_hash
from infra.lake.locks import table_locks
from infra.lake.partitions import live_files
from infra.lake.provenance import published
from infra.loop.plan import Cause
from infra.loop.result import Outcome
from infra.loop.verdict import GATE_RESULT, Verdict
from tests.support.home import deliver, hashes, open_home, order_line
from tests.support.shop_sample import ShopSample

APPENDS = 4
EVENTS, FEATURE, RAW, OBJECTS = "events.order_line", "features.purchase_30d", "raw.retail_export", "raw.objects"
IDLE = "raw.shop_plugin"
BUILT = (RAW, EVENTS, FEATURE, IDLE)
LINES = [order_line(), order_line(invoice="500002", at="2026-03-04 09:00:00", customer="10002.0")]


@dataclass
class Looked:
    """A home that was looked after once, while a run held the lock of one table."""

    app: App
    done: dict[str, Maintained]
    before: dict[str, str]
    pinned: dict[str, tuple[int, str]]
    unpinned: dict[str, int]
    verdicts: list[Verdict]
    live_files: set[Path]
    old_orphan: Path
    young_orphan: Path
    old_work: list[Path]
    young_work: Path


@pytest.fixture(scope="module")
def looked(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Looked:
    """The feature is level with the first delivery; the events are one delivery of duplicates further.

    A second source delivered once and is idle since.
    """
    folder = tmp_path_factory.mktemp("maintained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GUANXI_SNAPSHOT_DAYS", "0")
        app = open_home(folder, spark)
    deliver(app, folder, "first.csv.gz", LINES)
    (from_idle, *_) = ShopSample(sessions_a_day=2).deliver(date(2026, 3, 2), folder / "shop")
    app.land("shop_plugin", from_idle)
    app.run([IDLE, FEATURE])
    pinned = {name: (version, _hash(app, name, version)) for name, version in _inputs_behind(app, FEATURE).items()}
    deliver(app, folder, "copy.csv.gz", LINES)
    app.run([EVENTS])
    for _ in range(APPENDS):
        app.verdicts.record(app.verdicts.of(IDLE)[-1:])
    unpinned = {name: branch.ancestors(app.lake.table(name), version)[-1] for name, (version, _) in pinned.items()}
    for name in (FEATURE, RAW):
        branch.create(app.lake, name, "run_of_a_dead_process")
    before = hashes(app, BUILT)
    files = _data_folder(app, FEATURE)
    live = {path for name in BUILT for path in _data_folder(app, name).rglob("*.parquet") if path.is_file()}
    verdicts = app.verdicts.of(EVENTS)
    old_orphan, young_orphan = files / "old.parquet", files / "young.parquet"
    old_orphan.write_bytes(b"left by a killed writer")
    _age_everything(app.settings.lake_dir, timedelta(days=2))
    young_orphan.write_bytes(b"being written just now")
    old_work, young_work = _leave_work(app.settings.work_dir)
    with table_locks(app.settings, [RAW]), pytest.MonkeyPatch.context() as patch:
        patch.setattr(maintenance, "OPS_AGE", timedelta(0))
        done = {table.dataset: table for table in maintain(app)}
    return Looked(app, done, before, pinned, unpinned, verdicts, live, old_orphan, young_orphan, old_work, young_work)


def test_branches_of_dead_runs_are_dropped(looked: Looked) -> None:
    assert looked.done[FEATURE].branches == 1
    assert set(looked.app.lake.table(FEATURE).refs()) == {"main"}


def test_a_table_that_a_run_works_on_is_left_alone(looked: Looked) -> None:
    assert looked.done[RAW] == Maintained(RAW, skipped="a run is working on it")
    assert "run_of_a_dead_process" in looked.app.lake.table(RAW).refs()


def test_every_table_is_looked_after(looked: Looked) -> None:
    assert set(looked.done) - {"work"} == set(looked.app.lake.names())
    assert {*BUILT, OBJECTS, "ops.run", "ops.gate_result"} <= set(looked.done)


@pytest.mark.fault(40, how="expiry, compaction and removal of orphans")
def test_what_is_published_stays_as_it_was(looked: Looked) -> None:
    assert hashes(looked.app, BUILT) == looked.before


@pytest.mark.parametrize("name", [EVENTS, OBJECTS])
def test_old_versions_that_nothing_was_built_from_are_expired(looked: Looked, name: str) -> None:
    assert looked.done[name].snapshots > 0
    assert looked.app.lake.table(name).snapshot_by_id(looked.unpinned[name]) is None


@pytest.mark.fault(40, how="expiry above a version that a published one was built from")
def test_old_versions_that_a_published_version_was_built_from_stay_readable(looked: Looked) -> None:
    version, content = looked.pinned[EVENTS]

    assert version != branch.head(looked.app.lake.table(EVENTS))
    assert _hash(looked.app, EVENTS, version) == content


@pytest.mark.fault(40, how="expiry of the listing that an idle source names")
def test_an_idle_source_keeps_no_history_of_the_objects_and_builds_nothing_anew(looked: Looked) -> None:
    read = published(looked.app.lake.table(IDLE))
    assert read is not None
    assert looked.app.lake.table(OBJECTS).snapshot_by_id(int(read.inputs[OBJECTS])) is None

    (result,) = [result for result in looked.app.run([IDLE]) if result.dataset == IDLE]

    assert result.plan is not None
    assert not result.plan.causes
    assert published(looked.app.lake.table(IDLE)) == read


def test_spark_reads_a_version_that_stayed(looked: Looked) -> None:
    rows = looked.app.engine.read(EVENTS, looked.pinned[EVENTS][0])

    assert sorted(row["order_id"] for row in rows.select("order_id").collect()) == ["500001", "500002"]


def test_what_the_gate_wrote_bit_by_bit_is_put_together(looked: Looked) -> None:
    table = looked.app.lake.table(GATE_RESULT)

    assert looked.done[GATE_RESULT].compacted > APPENDS
    assert len(live_files(table, branch.head(table))) == 1
    assert len(table.metadata.snapshots) == 1
    assert looked.app.verdicts.of(EVENTS) == looked.verdicts


def test_files_that_belong_to_nothing_and_are_old_are_removed(looked: Looked) -> None:
    assert looked.done[FEATURE].orphans == 1
    assert not looked.old_orphan.exists()


def test_what_killed_processes_left_half_done_is_removed_once_it_is_old(looked: Looked) -> None:
    assert looked.done["work"].orphans == len(looked.old_work)
    assert not [path for path in looked.old_work if path.exists()]
    assert looked.young_work.exists()


def test_young_files_stay_for_whoever_writes_them(looked: Looked) -> None:
    assert looked.young_orphan.exists()


def test_old_files_of_published_versions_stay(looked: Looked) -> None:
    assert looked.live_files
    assert all(path.exists() for path in looked.live_files)


def test_the_history_since_a_pinned_version_is_kept_for_its_readers(looked: Looked) -> None:
    forecast = survey(looked.app, [FEATURE])[-1]

    assert forecast.dataset == FEATURE
    assert set(forecast.plan.moved) == {EVENTS}
    assert Cause("history", EVENTS) not in frozenset().union(*forecast.plan.causes.values())


@pytest.mark.fault(40, how="history expired below a reader")
def test_where_history_is_gone_after_all_its_readers_are_rebuilt_to_the_same_rows(looked: Looked) -> None:
    table = looked.app.lake.table(EVENTS)
    table.maintenance.expire_snapshots().by_id(looked.pinned[EVENTS][0]).commit()

    (result,) = [result for result in looked.app.run([FEATURE]) if result.dataset == FEATURE]

    assert result.outcome is Outcome.PUBLISHED
    assert result.plan is not None
    assert result.plan.build == ("2026-03-02", "2026-03-03", "2026-03-04")
    assert set(result.plan.causes.values()) == {frozenset({Cause("history", EVENTS)})}
    assert result.committed == ()
    assert hashes(looked.app, [FEATURE]) == {FEATURE: looked.before[FEATURE]}


def _inputs_behind(app: App, name: str) -> dict[str, int]:
    """Versions of the fed tables that a published version was built from, down to the objects."""
    read = published(app.lake.table(name))
    assert read is not None
    tables = {source: int(version) for source, version in read.inputs.items() if source != "landing"}
    found = {source: version for source, version in tables.items() if published(app.lake.table(source)) is not None}
    return found | {name: version for source in found for name, version in _inputs_behind(app, source).items()}


def _hash(app: App, name: str, version: int) -> str:
    return content_hash(app.lake.table(name), version)


def _data_folder(app: App, name: str) -> Path:
    return app.settings.lake_dir.joinpath(*name.split(".")) / "data"


def _age_everything(folder: Path, by: timedelta) -> None:
    then = time.time() - by.total_seconds()
    for path in folder.rglob("*"):
        os.utime(path, (then, then))


def _leave_work(work: Path) -> tuple[list[Path], Path]:
    """What processes left two days ago, half done or remembered, and one thing that is being made."""
    staged, page, young = work / "staging" / "dead.duckdb", work / "fetch-dead" / "page", work / "staging" / "now.json"
    copy, receipts = work / "objects" / ".dead.part", [work / "receipts" / name for name in ("0" * 64, ".dead.part")]
    for path in (staged, page, copy, *receipts, young):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
    old = [staged, page.parent, copy, *receipts]
    for path in old:
        os.utime(path, (time.time() - 2 * 86_400,) * 2)
    return old, young
