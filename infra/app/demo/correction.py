"""An export of payments delivered again: one amount corrected, and a manifest that says what it takes the place of."""

import gzip
import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

from infra.app.pull import MANIFEST_SUFFIX
from infra.lake.receipt import LandedObject

AMOUNT, NUMBER = b"AMOUNT_YUAN", b"TRANSACTION_NO"
YUAN: Final = re.compile(rb"[0-9]+\.[0-9]{2}")
Rows = list[list[bytes]]


def write_correction(wrong: LandedObject, inbox: Path) -> str:
    """Drop an object of payments again, one amount of it corrected; returns in words what was."""
    # Broken rows stay as they are, so nothing is read as text.
    lines = gzip.decompress(Path(wrong.path).read_bytes()).rstrip(b"\n").split(b"\n")
    rows = [line.split(b",") for line in lines]
    amount, number = rows[0].index(AMOUNT), rows[0].index(NUMBER)
    sound = [row for row in rows[1:] if len(row) == len(rows[0]) and YUAN.fullmatch(row[amount])]
    times = Counter(row[number] for row in sound)
    chosen = next(row for row in sound if times[row[number]] == 1)
    before = chosen[amount].decode()
    chosen[amount] = str(Decimal(before) + 1).encode()
    total = sum((Decimal(row[amount].decode()) for row in sound), Decimal("0.00"))
    _drop(inbox / wrong.name.replace(".csv", "-corrected.csv"), rows, str(total), wrong.sha256)
    return f"{chosen[number].decode()} was {chosen[amount].decode()} yuan and not {before}"


def _drop(file: Path, rows: Sequence[Sequence[bytes]], total: str, supersedes: str) -> None:
    """Drop an object whole, its manifest first."""
    stored = gzip.compress(b"".join(b",".join(row) + b"\n" for row in rows), mtime=0)
    manifest = {
        "object": file.name,
        "lines": len(rows) - 1,
        "sha256": hashlib.sha256(stored).hexdigest(),
        "supersedes": [supersedes],
        "totals": {AMOUNT.decode(): total},
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.with_name(file.name + MANIFEST_SUFFIX).write_text(json.dumps(manifest))
    part = file.with_name(f"{file.name}.part")
    part.write_bytes(stored)
    os.replace(part, file)
