"""A day of a million events, and the hundredth of it that comes late: strict decoding here, with Spark and with DuckDB.

All sides must come to the same verdict on every record.
"""

from pathlib import Path
from typing import Any

from tests.bench.child import TURNS, measure
from tests.bench.day_input import Delivered, ShopDay
from tests.bench.report import goal, keep, show

ROWS = 1_000_000
GUANXI, SPARK, DUCKDB = SIDES = ("guanxi", "plain_spark", "duckdb")
MOST_MB = 3 * 1024
Measured = dict[str, dict[str, Any]]


def day(folder: Path, rows: int = ROWS) -> None:
    """Measure all sides on the same day, one after another, and print them side by side."""
    made = ShopDay(rows)
    on_day, late = made.deliver(folder / "given")
    sides = {side: measure("day_sides", side, folder / "given", folder / side) for side in SIDES}
    for part, delivered in (("day", on_day), ("late", late)):
        _agree(sides, part, delivered)
    goals = _show(sides, rows)
    keep("day", {"rows": rows, "objects": made.objects}, {"sides": sides, "goals": goals, "fates": on_day.fates})


def _agree(sides: Measured, part: str, delivered: Delivered) -> None:
    """Raise RuntimeError unless every side gave every record its fate, and kept the same events."""
    kept = sides[GUANXI]["first"][part]["outcome"]["kept"]
    wanted = {"fates": {fate: count for fate, count in sorted(delivered.fates.items()) if count}, "kept": kept}
    for side, figures in sides.items():
        for turn in TURNS:
            found = figures[turn][part]["outcome"]
            if found != wanted:
                raise RuntimeError(f"{side}, {turn}, {part}: {found} and not {wanted}")


def _show(sides: Measured, rows: int) -> list[dict[str, Any]]:
    table = []
    for turn in TURNS:
        for side, figures in sides.items():
            on_day, late, peak = figures[turn]["day"], figures[turn]["late"], figures["peak_mb"]
            ours = sides[GUANXI][turn]["day"]["seconds"]
            seconds = on_day["seconds"]
            table.append(
                [
                    f"{side}, {turn}",
                    seconds,
                    int(rows / seconds),
                    seconds / ours,
                    on_day["cpu_seconds"],
                    late["seconds"],
                    late["seconds"] / seconds,
                    late["cpu_seconds"],
                    *(peak.get(role, 0) for role in ("all", "driver", "jvm", "workers")),
                ]
            )
    header = ["side", "seconds", "events/s", "guanxi is x", "cpu s", "late s", "of the day", "late cpu s"]
    show(f"a day of {rows:,} events", [*header, "peak MB", "driver", "jvm", "workers"], table)
    for turn in TURNS:
        _show_steps(sides[GUANXI][turn], turn)
    goals = [goal("peak memory, MB", sides[GUANXI]["peak_mb"]["all"], MOST_MB, at_least=False)]
    for turn in TURNS:
        ours, spark, duckdb = (sides[side][turn]["day"]["seconds"] for side in SIDES)
        goals.append(goal(f"speed against plain Spark, {turn}", spark / ours, 1, at_least=True))
        goals.append(goal(f"speed against DuckDB, {turn}", duckdb / ours, 0.25, at_least=True))
    return goals


def _show_steps(figures: dict[str, Any], turn: str) -> None:
    for part in ("day", "late"):
        seconds, cpu = figures[part]["steps"], figures[part]["cpu_steps"]
        rows = [
            [
                name,
                *(phases.get(phase, 0.0) for phase in ("plan", "build", "gate")),
                *(cpu[f"{name} {phase}"] for phase in ("build", "gate")),
            ]
            for name, phases in seconds.items()
        ]
        title = f"guanxi, {turn}, {part}: whole run {figures[part]['whole_run_seconds']:.1f} s"
        show(title, ["step", "plan s", "build s", "gate s", "build cpu s", "gate cpu s"], rows)
