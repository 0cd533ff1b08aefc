"""What somebody may put into an inbox that is no honest file: refused with a reason, and nothing outside is touched."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from infra.app.app import App
from infra.app.cli import render_landing
from infra.app.doorbell import arrivals
from infra.app.pull import MANIFEST_SUFFIX, pull
from infra.lake.settings import Settings
from tests.attack.deliveries import CONTENTS, announce, drop

SOURCES = tuple(CONTENTS)
SECRET = b"nobody's business"
NO_NAMES = {
    "newline": b"a\nb.csv",
    "tabulator": b"a\tb.csv",
    "escape sequence": b"\x1b]0;title\x07.csv",
    "delete": b"a\x7fb.csv",
    "line separator": "a\u2028b.csv".encode(),
    "C1 control": "a\u009bb.csv".encode(),
    "no UTF-8": b"caf\xe9.csv",
}


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(Settings(home=tmp_path / "home"))


@pytest.fixture(autouse=True)
def outside(tmp_path: Path) -> Iterator[Path]:
    """A file beside the home, which stays as it is, with all else beside the home."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(SECRET)
    before = {path: path.lstat().st_mtime_ns for path in outside.rglob("*")}
    yield outside
    assert {path: path.lstat().st_mtime_ns for path in outside.rglob("*")} == before
    assert (outside / "secret").read_bytes() == SECRET
    assert {path.name for path in tmp_path.iterdir()} <= {"home", "outside"}


def inbox(app: App, source: str) -> Path:
    folder = app.settings.inbox_dir / source
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def holds_no_secret(app: App) -> bool:
    """Whether no plain file of the home has the bytes of the file outside."""
    files = [path for path in app.settings.root.rglob("*") if path.is_file() and not path.is_symlink()]
    return all(SECRET not in path.read_bytes() for path in files)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("name", NO_NAMES.values(), ids=NO_NAMES)
def test_a_name_that_nobody_can_read_is_refused_and_the_next_object_lands(
    app: App, source: str, name: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    drop(app, source, name, CONTENTS[source](1, "tea"))
    drop(app, source, "z.csv", CONTENTS[source](2, "tea"))

    pulled = pull(app, source)
    render_landing.pulled({source: pulled}, as_json=False)

    (reason,) = pulled.refused
    assert reason.endswith("the name has control characters or is no UTF-8. Rename the file.")
    assert reason.isascii()
    assert reason.isprintable()
    assert [one.object.name for one in pulled.landed] == ["z.csv"]
    assert not set("\x1b\x07\x7f\x9b") & set("".join(capsys.readouterr()))
    assert not list(inbox(app, source).iterdir())


@pytest.mark.parametrize("source", SOURCES)
def test_a_name_as_long_as_the_file_system_allows_is_refused(app: App, source: str) -> None:
    name = "n" * 251 + ".csv"
    (inbox(app, source) / name).write_bytes(CONTENTS[source](1, "tea"))

    (reason,) = pull(app, source).refused

    aside = app.settings.refused_dir / source
    assert "the name is too long to be stored with its receipt. Shorten it." in reason
    assert (aside / name).exists()
    assert [path.read_text() for path in aside.glob("*.reason.txt")] == [f"{reason}\n"]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("target", ["secret", ".", "absent", "loop"])
def test_a_link_is_refused_and_not_followed(app: App, source: str, target: str, outside: Path) -> None:
    link = inbox(app, source) / "a.csv"
    link.symlink_to(link if target == "loop" else outside / target)

    rung = arrivals(app.settings, source)
    (reason,) = pull(app, source).refused

    assert len(rung) == 1
    assert reason == "a.csv: it is a link, and no plain file. Have the sender deliver the bytes."
    assert (app.settings.refused_dir / source / "a.csv").is_symlink()
    assert holds_no_secret(app)


@pytest.mark.parametrize("source", SOURCES)
def test_a_pipe_is_refused_and_not_waited_for(app: App, source: str) -> None:
    os.mkfifo(inbox(app, source) / "a.csv")

    (reason,) = pull(app, source).refused

    assert reason == "a.csv: it is a pipe, a socket or a device, and no plain file. Have the sender deliver the bytes."


@pytest.mark.fault(21, how="a manifest that is a link, a pipe or too large", part=True)
@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("kind", ["link", "dangling link", "pipe", "large"])
def test_a_manifest_that_is_no_honest_file_is_refused_with_its_object(
    app: App, source: str, kind: str, outside: Path
) -> None:
    file = inbox(app, source) / "a.csv"
    file.write_bytes(CONTENTS[source](1, "tea"))
    manifest = file.with_name(file.name + MANIFEST_SUFFIX)
    match kind:
        case "pipe":
            os.mkfifo(manifest)
        case "large":
            manifest.write_bytes(b" " * ((1 << 20) + 1))
        case _:
            manifest.symlink_to(outside / ("secret" if kind == "link" else "absent"))

    pulled = pull(app, source)

    assert len(pulled.refused) == 1
    assert "a.csv.manifest.json" in pulled.refused[0]
    assert pulled.landed == ()
    assert not list(inbox(app, source).iterdir())
    assert holds_no_secret(app)


@pytest.mark.parametrize("source", SOURCES)
def test_a_hard_link_is_copied_and_what_it_was_linked_from_is_not_touched(
    app: App, source: str, tmp_path: Path
) -> None:
    file = drop(app, source, "a.csv", CONTENTS[source](1, "tea"))
    kept = app.settings.root / "kept"
    os.link(file, kept)

    (landed,) = pull(app, source).landed

    assert kept.read_bytes() == Path(landed.object.path).read_bytes() == CONTENTS[source](1, "tea")
    assert not kept.samefile(landed.object.path)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("name", ["..", "/etc/passwd", "../a.csv", "C:\\a.csv"])
def test_a_manifest_that_names_a_place_outside_moves_nothing_there(app: App, source: str, name: str) -> None:
    file = inbox(app, source) / "a.csv"
    content = CONTENTS[source](1, "tea")
    file.write_bytes(content)
    announce(file, content)
    manifest = file.with_name(file.name + MANIFEST_SUFFIX)
    manifest.write_text(manifest.read_text().replace('"a.csv"', f'"{name}"'.replace("\\", "\\\\")))

    (reason,) = pull(app, source).refused

    assert "its object is a.csv, its manifest says" in reason
    assert (app.settings.refused_dir / source / "a.csv").exists()


@pytest.mark.parametrize("source", SOURCES)
def test_folders_are_the_senders_own_affair(app: App, source: str) -> None:
    folder = inbox(app, source) / "folder.csv"
    folder.mkdir()
    (folder / "inside.csv").write_bytes(b"x")

    pulled = pull(app, source)

    assert (pulled.landed, pulled.refused, pulled.waiting) == ((), (), ())
    assert (folder / "inside.csv").exists()


@pytest.mark.fault(21, how="a file that grows while it is copied", part=True)
def test_an_upload_that_goes_on_while_it_is_landed_waits(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    file = drop(app, "retail_export", "a.csv", CONTENTS["retail_export"](1, "tea"))

    def grow(source: BinaryIO, target: BinaryIO, _: int) -> None:
        target.write(source.read())
        file.write_bytes(b"more")

    monkeypatch.setattr("infra.app.arrived.shutil.copyfileobj", grow)
    pulled = pull(app, "retail_export")

    assert (pulled.waiting, pulled.landed, file.exists()) == (("a.csv",), (), True)
