"""One side of the simulator bench, in a process of its own: simulator_side SIDE PEOPLE DAYS OUT."""

import json
import resource
import sys
import time
from datetime import date
from pathlib import Path

from infra.simulator.simulate import simulate
from infra.simulator.wire.dirt import LEVELS
from infra.simulator.world.day import Day
from infra.simulator.world.world import Setting, World

START = date(2026, 3, 2)


class Clock:
    """Wall and processor time since the last look."""

    def __init__(self) -> None:
        self._last = time.perf_counter(), time.process_time()

    def split(self) -> tuple[float, float]:
        """What has passed; starts anew."""
        now = time.perf_counter(), time.process_time()
        (wall, cpu), self._last = self._last, now
        return now[0] - wall, now[1] - cpu


def told(day: Day) -> int:
    """Rows that a day tells platforms."""
    return sum(len(next(iter(columns.values()))) for columns in day.tables.values())


def world(people: int, days: int) -> dict[str, float]:
    """Live the world: its beginning, then days after the first one."""
    clock = Clock()
    lived = World(Setting(people, START)).days(days + 1)
    _, begin = clock.split()
    next(lived)
    clock.split()
    events = sum(told(day) for day in lived)
    wall, cpu = clock.split()
    return {"begin_cpu_seconds": begin, "events": events, "bytes": 0, "seconds": wall, "cpu_seconds": cpu}


def wire(people: int, days: int, out: Path) -> dict[str, float]:
    """Live and write the world; the first day is where it begins, with all that stands by then."""
    counts: list[int] = []
    times: list[tuple[float, float]] = []
    sizes: list[int] = []
    clock = Clock()

    def tell(day: Day, records: int) -> None:
        times.append(clock.split())
        counts.append(records)
        sizes.append(_written(out))
        clock.split()

    simulate(Setting(people, START), days + 1, LEVELS["normal"], out, tell)
    wall, cpu = (sum(column) for column in zip(*times[1:], strict=True))
    written = sizes[-1] - sizes[0]
    return {
        "begin_cpu_seconds": times[0][1],
        "events": sum(counts[1:]),
        "bytes": written,
        "seconds": wall,
        "cpu_seconds": cpu,
    }


def _written(out: Path) -> int:
    """Bytes of what platforms deliver and tell; the truth does not count."""
    files = (file for part in ("deliveries", "api") for file in (out / part).rglob("*") if file.is_file())
    return sum(file.stat().st_size for file in files)


def main() -> None:
    """Print the figures as JSON."""
    side, people, days, out = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    figures = world(people, days) if side == "world" else wire(people, days, out)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(json.dumps({**{name: round(value, 2) for name, value in figures.items()}, "peak_mb": peak}))


if __name__ == "__main__":
    main()
