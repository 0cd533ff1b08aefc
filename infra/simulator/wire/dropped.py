"""A dropped object on its way to the disk: what is stored, what its sender says of it, and what should become of it."""

import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from infra.simulator.wire.record import Line

MANIFEST_SUFFIX: Final = ".manifest.json"
ObjectVerdict = Literal["landed", "copy", "refused", "waits"]


@dataclass(frozen=True)
class Dropped:
    """An object; the first of its `lines` stands on line `first`. `manifest` is None where none is delivered.

    `lines` are those that come to the pipeline by this object: none of one that is refused, waits or comes again.
    `kind` is what is unusual about it, `reason` why it does not land.
    """

    name: str
    stored: bytes
    manifest: Mapping[str, Any] | None
    lines: tuple[Line, ...] = ()
    first: int = 1
    kind: str = "sound"
    verdict: ObjectVerdict = "landed"
    reason: str | None = None

    def write(self, folder: Path) -> None:
        """Write the object, and beside it its manifest."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / self.name).write_bytes(self.stored)
        if self.manifest is not None:
            (folder / (self.name + MANIFEST_SUFFIX)).write_text(json.dumps(self.manifest) + "\n")


def pack(name: str, head: bytes, lines: Sequence[Line], **further: object) -> Dropped:
    """Lines as a gzipped object under a header, if there is one, and its name, number of lines and SHA-256."""
    rows = [head] * bool(head) + [line.data for line in lines]
    stored = gzip.compress(b"".join(row + b"\n" for row in rows), compresslevel=6, mtime=0)
    count = sum(line.physical_lines for line in lines)
    manifest = {"object": name, "lines": count, "sha256": hashlib.sha256(stored).hexdigest(), **further}
    return Dropped(name, stored, manifest, tuple(lines), 1 + bool(head))
