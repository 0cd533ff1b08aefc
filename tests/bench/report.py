"""The figures of a bench: a table for the eye, a line of a JSON report to keep."""

import json
import os
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def report_file() -> Path:
    """Where figures are kept: one JSON list in the temporary folder."""
    return Path(tempfile.gettempdir()) / "guanxi-bench.json"


def keep(bench: str, size: dict[str, int], figures: dict[str, Any]) -> None:
    """Append the figures of one bench to the report."""
    file = report_file()
    entries = json.loads(file.read_text()) if file.exists() else []
    machine = {"cores": os.cpu_count(), "load_1m": round(os.getloadavg()[0], 1), "nice": os.nice(0)}
    at = datetime.now(UTC).isoformat(timespec="seconds")
    entries.append({"at": at, "bench": bench, "size": size, "machine": machine, "figures": figures})
    file.write_text(json.dumps(entries, indent=1) + "\n")


def show(title: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table: the first column flush left, the others flush right."""
    texts = [list(header), *([_text(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in texts) for column in range(len(header))]
    print(f"\n{title}")
    for row in texts:
        first, *rest = (
            cell.ljust(w) if not i else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join([first, *rest]))


def goal(what: str, value: float, limit: float, *, at_least: bool) -> dict[str, Any]:
    """Print a ratio beside its goal; returns both."""
    met = value >= limit if at_least else value <= limit
    print(f"{what}: {value:.2f} (goal {'>=' if at_least else '<='} {limit}): {'met' if met else 'missed'}")
    return {"what": what, "value": round(value, 3), "goal": limit, "met": met}


def _text(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:,.2f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)
