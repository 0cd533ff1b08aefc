"""Lines as the objects that are dropped: gzipped JSON lines with a manifest, CSV with a control file.

The bytes depend on the lines alone: no clock, no name of a machine.
"""

import gzip
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from infra.simulator.wire.ledger import Delivered
from infra.simulator.wire.record import Line

MANIFEST_SUFFIX: Final = ".manifest.json"
LINES_AN_OBJECT: Final = 50_000
FEWEST_OBJECTS: Final = 3


def write_json_lines(folder: Path, source: str, stem: str, lines: Sequence[Line]) -> list[Delivered]:
    """Write lines as gzipped objects of about equal size, each with its manifest; none where there are no lines."""
    if not lines:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    count = min(len(lines), max(FEWEST_OBJECTS, -(-len(lines) // LINES_AN_OBJECT)))
    size = -(-len(lines) // count)
    written = []
    for number, start in enumerate(range(0, len(lines), size)):
        part = tuple(lines[start : start + size])
        name = f"{stem}-{number:03d}.jsonl.gz"
        stored = gzip.compress(b"".join(line.data + b"\n" for line in part), compresslevel=6, mtime=0)
        write_with_manifest(folder / name, stored, len(part))
        written.append(Delivered(source, name, part))
    return written


def write_with_manifest(path: Path, content: bytes, lines: int) -> None:
    """Write an object and beside it what its sender says of it: name, number of records, SHA-256."""
    path.write_bytes(content)
    manifest = {"object": path.name, "lines": lines, "sha256": hashlib.sha256(content).hexdigest()}
    path.with_name(path.name + MANIFEST_SUFFIX).write_text(json.dumps(manifest) + "\n")
