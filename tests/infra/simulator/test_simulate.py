"""Days of the world as files: the same bytes for the same setting, manifests that are true, a ledger of every line."""

import gzip
import hashlib
import json
from datetime import date
from pathlib import Path

import pyarrow.dataset as ds
import pytest

from infra.simulator.simulate import simulate
from infra.simulator.wire.dirt import LEVELS
from infra.simulator.world.world import Setting

SETTING = Setting(600, date(2026, 3, 2))


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


def test_every_object_is_what_its_manifest_says(out: Path) -> None:
    objects = sorted((out / "deliveries").rglob("*.jsonl.gz"))

    assert objects
    for file in objects:
        said = json.loads(file.with_name(f"{file.name}.manifest.json").read_text())
        stored = file.read_bytes()
        assert said["sha256"] == hashlib.sha256(stored).hexdigest()
        assert said["lines"] == gzip.decompress(stored).count(b"\n")
        assert said["object"] == file.name


def test_the_ledger_has_a_row_for_every_line(out: Path) -> None:
    ledger = ds.dataset(out / "truth" / "ledger").to_table().to_pylist()

    delivered = {file.name: gzip.decompress(file.read_bytes()) for file in (out / "deliveries").rglob("*.jsonl.gz")}
    lines = {(name, line) for name, data in delivered.items() for line in range(1, data.count(b"\n") + 1)}
    assert {(row["object"], row["line"]) for row in ledger} == lines
    assert len(ledger) == len(lines)


def test_what_is_planted_is_written_beside(out: Path) -> None:
    world = json.loads((out / "world.json").read_text())

    assert world["setting"]["seed"] == SETTING.seed
    assert world["planted"]["Influence"]["effect"] == 1.0


def test_nothing_of_the_truth_is_among_what_is_delivered(out: Path) -> None:
    assert not list((out / "deliveries").rglob("*.parquet"))
