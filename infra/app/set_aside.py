"""Puts what was refused where somebody may look at it, whatever a sender has had put there before."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from uuid import uuid4

from infra.lake.local_store import UNFINISHED_SUFFIX

REASON_SUFFIX: Final = ".reason.txt"
LONGEST_NAME_BYTES: Final = 255
KEPT_NAME_BYTES: Final = 200


def set_aside(folder: Path, files: Sequence[Path], reason: str) -> str:
    """Move an object, the last of `files`, and what belongs to it into a folder, beside the reason.

    Links, pipes and folders are moved as such. Returns the reason, with what could not be moved.
    """
    name = reason_name(files[-1].name)
    keep(folder, name, f"{reason}\n".encode())
    for file in files:
        try:
            _move(file, folder / file.name)
        except PermissionError:  # a folder belongs to its sender, and so does whether it can be moved
            reason = f"{reason} It stays in the inbox, as it may not be moved: remove it by hand."
            keep(folder, name, f"{reason}\n".encode())
    return reason


def reason_name(name: str) -> str:
    """What the reason of an object is called; where its name leaves no room for that, by the SHA-256 of it."""
    full = f"{name}{REASON_SUFFIX}"
    if len(os.fsencode(full)) <= LONGEST_NAME_BYTES:
        return full
    return f"{hashlib.sha256(os.fsencode(full)).hexdigest()}{REASON_SUFFIX}"


def keep(folder: Path, name: str, content: bytes) -> None:
    """Put a new file under a name; what lies there, be it a link or a pipe, is replaced and never written into."""
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{uuid4().hex}{UNFINISHED_SUFFIX}"
    try:
        with temporary.open("xb") as file:
            file.write(content)
        _move(temporary, folder / name)
    finally:
        temporary.unlink(missing_ok=True)


def _move(file: Path, to: Path) -> None:
    if not os.path.lexists(file):
        return
    if os.path.lexists(to) and (_is_folder(file) or _is_folder(to)):
        # Neither replaces a folder anything, nor anything a folder that is not empty.
        name = os.fsdecode(os.fsencode(to.name)[:KEPT_NAME_BYTES])
        to.rename(to.with_name(f"{name}.{uuid4().hex}"))
    os.replace(file, to)


def _is_folder(file: Path) -> bool:
    return file.is_dir() and not file.is_symlink()
