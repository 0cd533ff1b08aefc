"""What a sender does to an inbox while it is pulled, or makes of it, costs no delivery and reads nothing outside."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.app.app import App
from infra.app.pull import pull
from infra.lake.landing import Landing
from infra.lake.settings import Settings
from tests.support.inbox import announce, drop

WITH_MANIFEST = "shop_plugin"
WITHOUT = "retail_export"


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(Settings(home=tmp_path / "home"))


def while_landing(monkeypatch: pytest.MonkeyPatch, do: Callable[[], object]) -> None:
    """Have something happen once, right after an object was landed and before the inbox loses it."""
    land, left = Landing.land, [do]

    def landing(*args: object, **named: object) -> object:
        landed = land(*args, **named)  # type: ignore[arg-type]
        if left:
            left.pop()()
        return landed

    monkeypatch.setattr(Landing, "land", landing)


def replace(file: Path, content: bytes) -> None:
    """Put other bytes in the place of a file as a careful sender does."""
    part = file.with_name(f"{file.name}.part")
    part.write_bytes(content)
    os.replace(part, file)


def test_a_correction_that_comes_while_the_old_object_is_landed_is_landed_by_the_next_pull(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = drop(app, WITHOUT, "a.csv", b"old")
    while_landing(monkeypatch, lambda: replace(file, b"corrected"))

    first, second = pull(app, WITHOUT), pull(app, WITHOUT)

    landed = [one.object for pulled in (first, second) for one in pulled.landed]
    assert [Path(item.path).read_bytes() for item in landed] == [b"old", b"corrected"]
    assert [item.size_bytes for item in landed] == [3, 9]
    assert not file.exists()


def test_a_manifest_that_comes_while_the_old_object_is_landed_stays(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    file = drop(app, WITH_MANIFEST, "a.jsonl")
    announce(file)
    manifest = file.with_name("a.jsonl.manifest.json")
    while_landing(monkeypatch, lambda: replace(manifest, b"{}"))

    pull(app, WITH_MANIFEST)

    assert [path.name for path in file.parent.iterdir()] == [manifest.name]


def test_a_correction_that_comes_while_the_old_object_is_judged_is_not_set_aside(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = drop(app, WITHOUT, "a.csv", b"old")
    announce(file, sha256="0" * 64)

    def count(*_: object) -> int:
        replace(file, b"corrected")
        return 0

    monkeypatch.setattr("infra.app.pull.count", count)
    pulled = pull(app, WITHOUT)

    assert (pulled.waiting, pulled.refused) == (("a.csv",), ())
    assert file.read_bytes() == b"corrected"


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_what_takes_the_place_of_an_object_that_is_being_looked_at_is_not_read(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    file = drop(app, WITHOUT, "a.csv", b"honest")
    (tmp_path / "outside").write_bytes(b"secret")

    def swap(file: Path) -> str:
        file.unlink()
        if kind == "link":
            file.symlink_to(tmp_path / "outside")
        else:
            os.mkfifo(file)
        return file.name

    monkeypatch.setattr("infra.app.pull.checked_name", swap)
    (landed,) = pull(app, WITHOUT).landed

    assert Path(landed.object.path).read_bytes() == b"honest"
    assert os.path.lexists(file)


@pytest.mark.parametrize("second", ["folder", "file"])
def test_a_folder_in_the_place_of_a_manifest_is_refused_however_often_it_comes(app: App, second: str) -> None:
    for kind in ("folder", second, "folder"):
        manifest = drop(app, WITHOUT, "a.csv").with_name("a.csv.manifest.json")
        if kind == "folder":
            manifest.mkdir()
            (manifest / "inside").write_bytes(b"x")
        else:
            manifest.write_text("{}")
        drop(app, WITHOUT, "good.csv")

        pulled = pull(app, WITHOUT)

        assert len(pulled.refused) == len(pulled.landed) == 1
        if kind == "folder":
            assert pulled.refused[0].startswith("a.csv.manifest.json: it is a folder, and no plain file.")
    assert list((app.settings.inbox_dir / WITHOUT).iterdir()) == []


def test_what_a_manifest_is_made_to_say_reaches_no_terminal_raw(app: App) -> None:
    announce(drop(app, WITHOUT, "a.csv"), object="\x1b[2J\u202eb.csv")

    (reason,) = pull(app, WITHOUT).refused

    assert reason.isprintable()
    assert r"its manifest says \x1b[2J\u202eb.csv" in reason
