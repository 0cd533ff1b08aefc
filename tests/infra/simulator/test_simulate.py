"""Days of the world as files: the same bytes for the same setting, manifests that are true, a ledger of every line."""

import gzip
import hashlib
import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from infra.simulator.simulate import day_of_evolution, simulate
from infra.simulator.wire.dirt import LEVELS
from infra.simulator.wire.feed import Feed, find_feeds
from infra.simulator.wire.forms import ItemStream
from infra.simulator.world.world import Setting

SETTING = Setting(600, date(2026, 3, 2))
FEEDS = find_feeds()


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("simulated")
    simulate(SETTING, 2, LEVELS["heavy"], folder)
    return folder


def content(folder: Path) -> dict[str, str]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_the_same_setting_gives_the_same_bytes(out: Path, tmp_path: Path) -> None:
    simulate(SETTING, 2, LEVELS["heavy"], tmp_path)

    assert content(tmp_path) == content(out)


def objects_of(out: Path) -> list[dict[str, Any]]:
    """The ledger of the objects that are dropped, with the day on which they are."""
    files = sorted((out / "truth" / "object_ledger").iterdir())
    return [{**row, "day": file.stem} for file in files for row in pq.read_table(file).to_pylist()]


def taken_in(out: Path) -> list[Path]:
    """The objects that the pipeline should take in."""
    rows = [row for row in objects_of(out) if row["verdict"] in ("landed", "copy")]
    return [out / "deliveries" / row["day"] / row["source"] / row["object"] for row in rows]


def content_of(file: Path) -> bytes:
    """What is in a file, gzip undone where it is gzip."""
    stored = file.read_bytes()
    return gzip.decompress(stored) if stored.startswith(b"\x1f\x8b") else stored


def test_every_object_that_lands_is_what_its_manifest_says(out: Path) -> None:
    objects = taken_in(out)

    assert {file.parent.name for file in objects} == {
        feed.name for feed in FEEDS if not isinstance(feed.form, ItemStream)
    }
    for file in objects:
        said = json.loads(file.with_name(f"{file.name}.manifest.json").read_text())
        stored = file.read_bytes()
        assert said["sha256"] == hashlib.sha256(stored).hexdigest()
        assert said["lines"] == len(lines_of(file))
        assert said["object"] == file.name


def lines_of(file: Path) -> dict[int, bytes]:
    """The records of a file by their physical line; the header of a CSV is none."""
    lines = list(enumerate(content_of(file).split(b"\n")[:-1], start=1))[".csv" in file.suffixes :]
    return {number: line for number, line in lines if line.rstrip(b"\r")}


def arrived(out: Path) -> dict[tuple[str, str], dict[int, bytes]]:
    """Every file that platforms wrote, by source and name."""
    files = [*taken_in(out), *(out / "api").rglob("*.jsonl")]
    return {(file.parent.name, file.name): lines_of(file) for file in files}


def test_the_ledger_has_a_row_for_every_line(out: Path) -> None:
    ledger = ds.dataset(out / "truth" / "ledger").to_table().to_pylist()

    lines = {(*name, line) for name, of_file in arrived(out).items() for line in of_file}
    assert {(row["source"], row["object"], row["line"]) for row in ledger} == lines
    assert len(ledger) == len(lines)


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
def test_the_ledger_names_each_line_by_its_id(feed: type[Feed], out: Path) -> None:
    ledger = ds.dataset(out / "truth" / "ledger").to_table().to_pylist()
    files = arrived(out)

    sound = [row for row in ledger if row["source"] == feed.name and row["verdict"] != "quarantined"]

    assert sound
    for row in sound:
        assert row["id"].encode() in files[row["source"], row["object"]][row["line"]]


def test_what_is_planted_is_written_beside(out: Path) -> None:
    world = json.loads((out / "world.json").read_text())

    assert world["setting"]["seed"] == SETTING.seed
    assert world["planted"]["Influence"]["effect"] == 1.0


def test_nothing_of_the_truth_is_among_what_is_delivered(out: Path) -> None:
    ledger = ds.dataset(out / "truth" / "ledger").to_table().to_pylist()
    objects = objects_of(out)
    told = {(row["source"], row["object"]) for row in [*ledger, *objects]}
    manifests = {(o["source"], f"{o['object']}.manifest.json") for o in objects if o["kind"] != "no_manifest"}
    notices = {(feed.name, "notice.json") for feed in FEEDS if isinstance(feed.form, ItemStream) and feed.form.renamed}

    files = [file for part in ("deliveries", "api") for file in (out / part).rglob("*") if file.is_file()]

    assert {(file.parent.name, file.name) for file in files} == told | manifests | notices


def test_every_table_of_the_truth_stands_in_the_manual(out: Path) -> None:
    manual = (Path(__file__).parents[3] / "docs" / "simulator.md").read_text()
    of_truth = manual.partition("## What the truth holds")[2].partition("\n## ")[0]

    documented = set(re.findall(r"^\| `(\w+)` \|", of_truth, re.MULTILINE))

    assert documented == {file.relative_to(out / "truth").parts[0].removesuffix(".parquet") for file in truth(out)}


def truth(out: Path) -> list[Path]:
    return sorted((out / "truth").rglob("*.parquet"))


def test_a_change_of_a_schema_is_announced_from_its_day(out: Path) -> None:
    notice = json.loads((out / "api" / "social_b" / "notice.json").read_text())

    assert notice == {"from": "2026-03-03", "renamed": {"item.title": "item.name"}, "added": []}


@pytest.mark.parametrize(("days", "after"), [(2, 1), (3, 1), (4, 2), (30, 18)])
def test_schemas_evolve_after_three_fifths_of_a_run(days: int, after: int) -> None:
    assert day_of_evolution(SETTING.start, days) == SETTING.start + timedelta(days=after)


def test_schemas_do_not_evolve_in_a_run_of_one_day(tmp_path: Path) -> None:
    simulate(SETTING, 1, LEVELS["heavy"], tmp_path)

    assert day_of_evolution(SETTING.start, 1) is None
    assert not list((tmp_path / "api").rglob("notice.json"))
