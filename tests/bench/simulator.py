"""Speed and memory of the world, and of writing down what its platforms see of it."""

from pathlib import Path
from typing import Any, Final

from tests.bench.child import measure
from tests.bench.report import goal, keep, show

WORLD_EVENTS_A_SECOND: Final = 300_000
WIRE_EVENTS_A_SECOND: Final = 50_000
SIDES: Final = (("world", 10_000, 10), ("world", 1_000_000, 2), ("wire", 10_000, 6))
"""What is lived, with how many people and for how many days beside the first."""
HEADER = ("begin cpu s", "events", "wall s", "cpu s", "events/s", "events/cpu s", "MB/s", "peak MB")


def simulator(folder: Path, sides: tuple[tuple[str, int, int], ...] = SIDES) -> None:
    """Measure one after another, each in a process of its own."""
    measured = [measure("simulator_side", side, people, days, folder / side) for side, people, days in sides]
    rows = [_row(side, people, figures) for (side, people, _), figures in zip(sides, measured, strict=True)]
    show("simulator: events of ordinary days, the first one and the warm-up left out", ["side", *HEADER], rows)
    goals = []
    for (side, people, _), figures in zip(sides, measured, strict=True):
        limit = WORLD_EVENTS_A_SECOND if side == "world" else WIRE_EVENTS_A_SECOND
        for clock in ("seconds", "cpu_seconds"):
            what = f"{side}, {people:,} people: events a second by {clock}, of the goal of {limit:,}"
            goals.append(goal(what, figures["events"] / figures[clock] / limit, 1.0, at_least=True))
    named = {f"{side} {people}": figures for (side, people, _), figures in zip(sides, measured, strict=True)}
    keep("simulator", {"sides": len(sides)}, {"sides": named, "goals": goals})


def _row(side: str, people: int, figures: dict[str, Any]) -> list[object]:
    events, seconds, cpu = figures["events"], figures["seconds"], figures["cpu_seconds"]
    speed = [int(events / seconds), int(events / cpu)]
    written = figures["bytes"] / 1e6 / seconds if figures["bytes"] else "-"
    return [
        f"{side}, {people:,} people",
        figures["begin_cpu_seconds"],
        events,
        seconds,
        cpu,
        *speed,
        written,
        figures["peak_mb"],
    ]
