"""Objects as files of a folder on this machine."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from infra.lake.object_store import StoreError

UNFINISHED_SUFFIX = ".part"


class LocalStore:
    """An `ObjectStore` on a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def place(self, name: str) -> str:
        """The absolute path."""
        return str(self.folder / name)

    def local(self, name: str) -> Path | None:
        """The file itself."""
        return self.folder / name

    def names(self, prefix: str = "") -> Iterator[str]:
        """Every file, temporary ones too: nobody asks for their names."""
        for folder, _, files in os.walk(self.folder / prefix, followlinks=True):
            inside = Path(folder).relative_to(self.folder)
            yield from (str(inside / file) for file in files)

    def read(self, name: str) -> bytes | None:
        """The bytes of a file."""
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def read_all(self, prefix: str, suffix: str) -> Iterator[tuple[str, bytes]]:
        """One file after another."""
        for name in self.names(prefix):
            if name.endswith(suffix) and (content := self.read(name)) is not None:
                yield name, content

    def download(self, name: str, to: Path) -> None:
        """A copy."""
        if not (self.folder / name).is_file():
            raise StoreError(f"{self.place(name)}: it is not there. Restore it, or have it delivered again.")
        shutil.copyfile(self.folder / name, to)

    def put_file(self, name: str, file: Path) -> None:
        """Move the file; it keeps its time, by which the doorbell knows it."""
        with self._beside(name) as temporary:
            shutil.move(file, temporary)
            self._settle(temporary, name)

    def put(self, name: str, content: bytes, replaces: bytes | None = None) -> bool:
        """Compare and replace under a lock of the folder."""
        with self._beside(name) as temporary, _locked(temporary.parent):
            if self.read(name) != replaces:
                return False
            temporary.write_bytes(content)
            self._settle(temporary, name)
            return True

    def touch(self, name: str) -> None:
        """Move the time of the file."""
        os.utime(self.folder / name)

    @contextmanager
    def _beside(self, name: str) -> Iterator[Path]:
        """A temporary path in the folder of a name, which is gone at the end."""
        folder = (self.folder / name).parent
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / f".{uuid4().hex}{UNFINISHED_SUFFIX}"
        try:
            yield temporary
        finally:
            temporary.unlink(missing_ok=True)

    def _settle(self, temporary: Path, name: str) -> None:
        """Have the bytes on the disk before the name says that they are there."""
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        os.replace(temporary, self.folder / name)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        # The operating system frees the lock of a killed process.
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
