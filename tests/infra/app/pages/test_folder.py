"""Files are replaced as a whole, in order; what is ours and no longer written vanishes, everything else stays."""

import json
from pathlib import Path

import pytest

from infra.app.pages import folder
from infra.app.pages.folder import LISTING, put


def files(out: Path) -> set[str]:
    return {str(file.relative_to(out)) for file in out.rglob("*") if file.is_file() and file.name != LISTING}


def test_files_are_written_with_their_folders(tmp_path: Path) -> None:
    put(tmp_path / "site", {"runs/a.html": "A", "index.html": "Ü"})

    assert (tmp_path / "site" / "runs" / "a.html").read_text() == "A"
    assert (tmp_path / "site" / "index.html").read_bytes() == "Ü".encode()


def test_what_is_written_no_more_vanishes_but_for_what_is_kept(tmp_path: Path) -> None:
    put(tmp_path, {"datasets/a.html": "A", "dbt/index.html": "dbt", "index.html": "1"})

    put(tmp_path, {"index.html": "2"}, keep=["dbt/index.html"])
    assert files(tmp_path) == {"dbt/index.html", "index.html"}

    put(tmp_path, {"index.html": "3"})
    assert files(tmp_path) == {"index.html"}


def test_files_of_others_stay(tmp_path: Path) -> None:
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "mine.html").write_text("mine")

    put(tmp_path, {"index.html": "1"})
    put(tmp_path, {"index.html": "2"})

    assert (tmp_path / "datasets" / "mine.html").read_text() == "mine"


def test_a_listing_that_names_a_file_outside_removes_nothing(tmp_path: Path) -> None:
    outside = tmp_path / "outside.html"
    outside.write_text("mine")
    out = tmp_path / "site"
    out.mkdir()
    (out / LISTING).write_text(json.dumps(["../outside.html", str(outside)]))

    put(out, {"index.html": "1"})

    assert outside.exists()


def test_a_killed_writer_leaves_whole_pages_that_the_next_one_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, {"index.html": "old"})
    replace = folder.os.replace

    def die_at_the_index(source: Path, target: Path) -> None:
        if target.name == "index.html":
            raise KeyboardInterrupt
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(folder.os, "replace", die_at_the_index)
        with pytest.raises(KeyboardInterrupt):
            put(tmp_path, {"runs/a.html": "A", "index.html": "new"})

    assert (tmp_path / "index.html").read_text() == "old"
    put(tmp_path, {"index.html": "newer"})
    assert files(tmp_path) == {"index.html"}
