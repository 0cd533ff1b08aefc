"""What a made-up platform knows of every record it delivers: the truth that a pipeline's tables are held against."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Literal

Verdict = Literal["good", "duplicate", "quarantined"]


@dataclass(frozen=True)
class Entry:
    """One physical record: the object and line (1-based) it stands at, and what should become of it.

    A quarantined record has a reason, and neither id nor event day nor target; of equal ids the first is the good one.
    """

    object: str
    line: int
    id: str | None
    event_day: date | None
    target: str | None
    verdict: Verdict
    reason: str | None = None


def write_ledger(path: Path, entries: Iterable[Entry]) -> Path:
    """Write a JSON line for each entry; the bytes depend on the entries alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(asdict(entry), default=date.isoformat)}\n" for entry in entries))
    return path


def read_ledger(path: Path) -> list[Entry]:
    """Read the entries of one ledger file."""
    return [_entry(json.loads(line)) for line in path.read_text().splitlines()]


def _entry(content: dict[str, str | int | None]) -> Entry:
    day = content["event_day"]
    return Entry(**content | {"event_day": date.fromisoformat(str(day)) if day else None})  # type: ignore[arg-type]
