"""Rows per second and memory from landed exports to typed, deduplicated rows, against plain Spark and DuckDB."""

from pathlib import Path
from typing import Any

from tests.bench.child import TURNS, measure
from tests.bench.exports import Shop, days
from tests.bench.ingest_sides import SIDES
from tests.bench.report import goal, keep, show

OBJECTS = 8
ROWS = 1_000_000
STEP_HEADER = ("plan s", "build s", "gate s", "build cpu s", "gate cpu s")
Measured = dict[str, dict[str, Any]]


def ingest(folder: Path, rows: int = ROWS) -> None:
    """Measure all sides on the same exports, one after another, and print them side by side."""
    shop = Shop(rows // OBJECTS)
    exports = folder / "exports"
    delivered = OBJECTS * shop.rows_a_day
    for day in days(OBJECTS):
        shop.export(day, exports)
    sides = {side: measure("ingest_sides", side, exports, folder / side) for side in SIDES}
    kept = {side: figures["second"]["rows"] for side, figures in sides.items()}
    if len(set(kept.values())) != 1:
        raise RuntimeError(f"the sides disagree about the rows to keep: {kept}")
    goals = _show(sides, delivered)
    figures = {"sides": sides, "goals": goals}
    keep("ingest", {"rows": delivered, "objects": OBJECTS, "rows_kept": kept["guanxi"]}, figures)


def _show(sides: Measured, delivered: int) -> list[dict[str, Any]]:
    rows = []
    for turn in TURNS:
        for side, figures in sides.items():
            seconds, peak = figures[turn]["seconds"], figures["peak_mb"]
            ours = sides["guanxi"][turn]["seconds"]
            parts = [peak.get(part, 0) for part in ("all", "driver", "jvm", "workers")]
            rows.append(
                [
                    f"{side}, {turn}",
                    seconds,
                    int(delivered / seconds),
                    seconds / ours,
                    figures[turn]["cpu_seconds"],
                    *parts,
                ]
            )
    header = ["side", "seconds", "rows/s", "guanxi is x", "cpu s", "peak MB", "driver", "jvm", "workers"]
    show(f"ingest: {delivered:,} rows in {OBJECTS} gzipped exports", header, rows)
    goals = []
    for turn in TURNS:
        ours = sides["guanxi"][turn]
        cpu = ours["cpu_steps"]
        steps = [
            [n, *(s.get(p, 0.0) for p in ("plan", "build", "gate")), cpu[f"{n} build"], cpu[f"{n} gate"]]
            for n, s in ours["steps"].items()
        ]
        show(f"guanxi, {turn}: whole run {ours['whole_run_seconds']:.1f} s", ["step", *STEP_HEADER], steps)
        share = ours["gate_seconds"] / (ours["seconds"] + ours["gate_seconds"])
        spark, duck = (sides[side][turn]["seconds"] / ours["seconds"] for side in ("plain_spark", "duckdb"))
        goals += [
            goal(f"speed against plain Spark, {turn}", spark, 1, at_least=True),
            goal(f"speed against DuckDB, {turn}", duck, 0.25, at_least=True),
            goal(f"gate's share of build and gate, {turn}", share, 0.4, at_least=False),
        ]
    return goals
