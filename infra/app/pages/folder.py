"""Puts a set of files into a folder: each is replaced as a whole, and what an earlier set had more is removed.

Other files in the folder are not ours and stay: which are, stands in `.guanxi-pages.json` beside them.
"""

import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

LISTING: Final = ".guanxi-pages.json"


def put(out: Path, files: Mapping[str, str], keep: Collection[str] = ()) -> None:
    """Write the files in their order, then remove those of the last set that are neither written nor to be kept.

    A reader finds either the old page or the new one. The caller sees to it that nobody else writes meanwhile.
    """
    out.mkdir(parents=True, exist_ok=True)
    before = listed(out)
    # Listed before they are there: a page that a killed writer leaves behind is known to the next one.
    _replace(out / LISTING, json.dumps(sorted(before | files.keys())))
    for name, text in files.items():
        _replace(out / name, text)
    kept = before & set(keep)
    for name in before - files.keys() - kept:
        (out / name).unlink(missing_ok=True)
    _replace(out / LISTING, json.dumps(sorted(files.keys() | kept)))


def listed(out: Path) -> set[str]:
    """Names of the files that were put into a folder; only ever names inside it."""
    try:
        names = json.loads((out / LISTING).read_text())
    except FileNotFoundError:
        return set()
    return {name for name in names if not Path(name).is_absolute() and ".." not in Path(name).parts}


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_text(text, encoding="utf-8")
    os.replace(unfinished, path)
