"""A file of an inbox, opened once: what is judged is what is read, though its sender puts another in its place."""

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.lake.landing import LandingError, StillWrittenError

# Neither is a link followed, nor a pipe waited for.
FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
PLAIN: Final = "Have the sender deliver the bytes."
UNOPENED: Final = {
    errno.ELOOP: f"it is a link, and no plain file. {PLAIN}",
    errno.ENXIO: f"it is a pipe, a socket or a device, and no plain file. {PLAIN}",
    errno.EACCES: "it may not be read. Have the sender deliver it readable.",
}
AT_ONCE_BYTES: Final = 1 << 20


@dataclass(frozen=True)
class Arrived:
    """An open file of an inbox, with what it was when it was opened."""

    file: Path
    descriptor: int
    opened: os.stat_result

    def read(self, most: int) -> bytes:
        """Its first bytes, `most` at the most."""
        with open(self.descriptor, "rb", closefd=False) as content:
            return content.read(most)

    def copy_to(self, folder: Path) -> Path:
        """A copy of its name in a folder of our own; raises StillWrittenError where it changes meanwhile."""
        copy = folder / self.file.name
        with open(self.descriptor, "rb", closefd=False) as content, copy.open("xb") as target:
            shutil.copyfileobj(content, target, AT_ONCE_BYTES)
        changed = _identity(os.fstat(self.descriptor)) != _identity(self.opened)
        if changed or copy.stat().st_size != self.opened.st_size:
            raise StillWrittenError(f"{self.file.name}: it changed while it was copied. Land it once it is complete.")
        # Its name and its time tell the doorbell that it is the object which was delivered.
        os.utime(copy, ns=(self.opened.st_atime_ns, self.opened.st_mtime_ns))
        return copy

    def is_there(self) -> bool:
        """Whether its name is still that of this very file, as it was when it was opened."""
        try:
            return _identity(self.file.lstat()) == _identity(self.opened)
        except FileNotFoundError:
            return False

    def remove(self) -> None:
        """Take it out of the inbox; what has come in its place stays."""
        if self.is_there():
            self.file.unlink(missing_ok=True)


@contextmanager
def opened(file: Path) -> Iterator[Arrived | None]:
    """A plain file, open; None where there is none. Raises LandingError for anything else of the name."""
    try:
        descriptor = os.open(file, FLAGS)
    except FileNotFoundError:
        yield None
        return
    except OSError as error:
        if error.errno not in UNOPENED:
            raise
        raise LandingError(f"{file.name}: {UNOPENED[error.errno]}") from None
    try:
        found = os.fstat(descriptor)
        if stat.S_ISDIR(found.st_mode):
            raise LandingError(f"{file.name}: it is a folder, and no plain file. {PLAIN}")
        if not stat.S_ISREG(found.st_mode):
            raise LandingError(f"{file.name}: {UNOPENED[errno.ENXIO]}")
        yield Arrived(file, descriptor, found)
    finally:
        os.close(descriptor)


def _identity(found: os.stat_result) -> tuple[int, ...]:
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size
