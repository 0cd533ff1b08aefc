"""Bytes that change, end or never end where they are stored: found before anything is made of them."""

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.app.app import App
from infra.app.kinds.landing_objects import LandingObjects
from infra.app.kinds.raw_source import RawSource
from infra.app.pull import pull
from infra.lake.landing import DamagedError
from infra.lake.receipt import LandedObject
from infra.lake.settings import Settings
from spark_jobs.functions import count_records, object_bytes
from spark_jobs.functions.json_decode import decode_object
from spark_jobs.functions.wire_column import WireColumn
from tests.support.oracle import check_reader
from tests.support.small_disk import full_but_for, small_disk

COLUMNS = (WireColumn("id", "id"),)
LINES = b"".join(b'{"id":"%d"}\n' % number for number in range(100))
DISK_BYTES = 1 << 20


def landed(app: App, folder: Path) -> LandedObject:
    file = folder / "a.jsonl"
    file.write_bytes(LINES)
    return app.landing.land("shop_plugin", file).object


def flip(file: Path) -> None:
    """Change one bit in the middle."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(Settings(home=tmp_path / "home"))


def count_and_find(app: App, item: LandedObject) -> tuple[int, Path]:
    """The independent count of an object's records, and where Spark is told to read it."""
    objects, source = app.datasets.all["raw.objects"], app.datasets.all["raw.shop_plugin"]
    assert isinstance(objects, LandingObjects)
    assert isinstance(source, RawSource)
    row = objects._take_in(item)
    return row["records"], Path(source._file(row))


@pytest.mark.fault(43, how="one bit of a landed object is another when it is counted, or when it is decoded", part=True)
@pytest.mark.parametrize("taken_in", [False, True])
def test_a_changed_byte_is_found_before_anything_is_made_of_it(app: App, tmp_path: Path, taken_in: bool) -> None:
    item = landed(app, tmp_path)
    source = app.datasets.all["raw.shop_plugin"]
    assert isinstance(source, RawSource)
    counted, place = count_and_find(app, item)
    assert (counted, place.read_bytes()) == (100, LINES)

    flip(place)

    row = {"source": item.source, "object_sha256": item.sha256, "name": item.name}
    with pytest.raises(DamagedError, match="not the bytes that were landed"):
        source._file(row) if taken_in else count_and_find(app, item)


@pytest.mark.fault(12, how="an object that decompresses to more than an object may have", part=True)
def test_a_bomb_is_one_unreadable_record_and_its_content_is_never_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_bytes, "MAX_OBJECT_BYTES", 1 << 20)
    monkeypatch.setattr(count_records, "LARGEST_OBJECT_BYTES", 1 << 20)
    bomb = gzip.compress(b"\n" * (64 << 20), mtime=0)

    check_reader(decode_object(bomb, COLUMNS), bomb, {0: "unreadable_object"}, header=False)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", DISK_BYTES) as disk:
        yield disk


@pytest.mark.fault(33, how="the disk of the landing store is full; then it is not", part=True)
def test_what_finds_the_disk_full_stays_in_the_inbox_and_is_landed_once_there_is_room(
    disk: Path, tmp_path: Path
) -> None:
    app = App(Settings(home=tmp_path / "home"))
    inbox = app.settings.inbox_dir / "retail_export"
    inbox.mkdir(parents=True)
    (disk / "landing").mkdir()
    app.settings.landing_dir.symlink_to(disk / "landing")
    content = os.urandom(DISK_BYTES // 2)
    (inbox / "a.csv").write_bytes(content)

    with full_but_for(disk, DISK_BYTES // 4), pytest.raises(OSError, match="No space left"):
        pull(app, "retail_export")
    assert (app.landing.objects(), [file.name for file in inbox.iterdir()]) == ([], ["a.csv"])

    pull(app, "retail_export")

    assert [Path(item.path).read_bytes() == content for item in app.landing.objects()] == [True]
    assert list(inbox.iterdir()) == []
    assert [file.name for file in disk.rglob("*.part")] == []
