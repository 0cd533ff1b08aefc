"""What is set aside lies beside its reason, whatever lies there already, and nothing is written through a link."""

import os
from pathlib import Path

import pytest

from infra.app import set_aside as module
from infra.app.set_aside import keep, reason_name, set_aside


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_a_reason_is_not_written_into_what_lies_there(tmp_path: Path, kind: str) -> None:
    precious, there = tmp_path / "precious", tmp_path / "refused" / "x.reason.txt"
    precious.write_text("precious")
    there.parent.mkdir()
    if kind == "link":
        there.symlink_to(precious)
    elif kind == "pipe":
        os.mkfifo(there)
    else:
        there.mkdir()

    keep(there.parent, there.name, b"why")

    assert (there.read_bytes(), there.is_symlink(), precious.read_text()) == (b"why", False, "precious")
    assert [path.name for path in there.parent.glob("*.part")] == []


def test_a_file_takes_the_place_of_one_of_its_name(tmp_path: Path) -> None:
    for content in ("first", "second"):
        (tmp_path / "a.csv").write_text(content)
        set_aside(tmp_path / "refused", [tmp_path / "a.csv"], "why")

    assert {path.name: path.read_text() for path in (tmp_path / "refused").iterdir()} == {
        "a.csv": "second",
        "a.csv.reason.txt": "why\n",
    }


def test_a_folder_makes_room_however_long_its_name_is(tmp_path: Path) -> None:
    name = "n" * 255
    (tmp_path / "refused" / name).mkdir(parents=True)
    (tmp_path / name).write_text("x")

    set_aside(tmp_path / "refused", [tmp_path / name], "why")

    assert (tmp_path / "refused" / name).read_text() == "x"
    assert len(list((tmp_path / "refused").iterdir())) == 3


def test_what_may_not_be_moved_is_said_and_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    move = module._move

    def refuse(file: Path, to: Path) -> None:
        if file.is_dir():
            raise PermissionError(file)
        move(file, to)

    monkeypatch.setattr(module, "_move", refuse)
    (tmp_path / "a.csv.manifest.json").mkdir()
    (tmp_path / "a.csv").write_text("x")

    reason = set_aside(tmp_path / "refused", [tmp_path / "a.csv.manifest.json", tmp_path / "a.csv"], "why.")

    assert reason == "why. It stays in the inbox, as it may not be moved: remove it by hand."
    assert (tmp_path / "refused" / "a.csv.reason.txt").read_text() == f"{reason}\n"
    assert (tmp_path / "refused" / "a.csv").exists()


def test_the_reason_of_a_long_name_has_a_name_that_fits() -> None:
    assert reason_name("a.csv") == "a.csv.reason.txt"
    assert len(reason_name("n" * 255)) < 255
