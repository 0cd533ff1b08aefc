"""What the landing store asks of a place that keeps bytes under names; a folder and a bucket both can do it.

Names are parts joined by `/`. Bytes appear under a name whole or not at all.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from infra.lake.errors import GuanxiError


class StoreError(GuanxiError):
    """The place that keeps the objects does not do what it was asked: nothing is wrong with the object itself."""


class DamagedError(StoreError):
    """The bytes that are kept are not those that were landed."""


class ObjectStore(Protocol):
    """A place that keeps bytes under names; all its methods raise StoreError or OSError where it fails."""

    def place(self, name: str) -> str:
        """Where a name is kept, for people and for `raw.objects`: a path or an URL."""

    def local(self, name: str) -> Path | None:
        """The file that holds a name's bytes, None where no file of this machine does."""

    def names(self, prefix: str = "") -> Iterator[str]:
        """Every name that begins with a prefix (nothing, or parts that end in `/`), in no order."""

    def read(self, name: str) -> bytes | None:
        """The bytes of a small object; None where the name is not there."""

    def read_all(self, prefix: str, suffix: str) -> Iterator[tuple[str, bytes]]:
        """Names with a prefix and a suffix, each with its bytes, in no order; for small objects."""

    def download(self, name: str, to: Path) -> None:
        """Write the bytes of an object into a file; raises StoreError where the name is not there."""

    def put_file(self, name: str, file: Path) -> None:
        """Keep a file's bytes under a name, whatever was there before; may take the file away."""

    def put(self, name: str, content: bytes, replaces: bytes | None = None) -> bool:
        """Keep a small object if the name still holds what it `replaces`, None for nothing; returns whether it did.

        Of several that do this at once one alone gets True.
        """

    def touch(self, name: str) -> None:
        """Have those who watch the place see that there is news of an object, unless they hear it of `put` already."""
