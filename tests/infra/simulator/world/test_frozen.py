"""The world of a version stays what it is: what was measured on it holds for whoever lives it again."""

import hashlib

import numpy as np

from infra.simulator.world.day import SECOND, Column, Columns
from infra.simulator.world.world import VERSION
from tests.infra.simulator.world.conftest import lived

DIGESTS = {3: "5f2e4a852cbf530a", 4: "cfa8ac9d038f6617"}
"""What a tiny world gives, by version; only ever added to."""


def test_a_version_gives_what_it_always_gave() -> None:
    world = lived(people=400, days=2, seed=1)
    digest = hashlib.sha256()
    tables = [world.world.given(), *(tables for day in world.days for tables in (day.tables, day.truth))]
    for name, columns in [table for some in tables for table in sorted(some.items())]:
        digest.update(f"{name} {facts(columns)}\n".encode())

    assert digest.hexdigest()[:16] == DIGESTS.get(VERSION), (
        "The world gives something else than its version did. If that is meant, raise VERSION in world.py, add the new "
        "digest here, and take the figures of docs/simulator.md and docs/benchmarks.md anew."
    )


def facts(columns: Columns) -> list[str]:
    """Columns as whole numbers; of fractions the mean alone, as their last digits differ between machines."""
    return [f"{name} {fact(name, column)}" for name, column in sorted(columns.items())]


def fact(name: str, column: Column) -> str:
    if column.dtype.kind == "f":
        return f"{len(column)} {round(100 * float(column.sum(dtype=np.float64)) / max(1, len(column)))}"
    whole = column.astype("<i8") // (SECOND if name.endswith("_us") else 1)
    return hashlib.sha256(whole.tobytes()).hexdigest()
