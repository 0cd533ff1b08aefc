"""One more day against the rebuild of all days: wall time, and data files opened against those of the windows."""

from pathlib import Path
from typing import Any

from tests.bench.child import measure
from tests.bench.exports import Shop, days
from tests.bench.report import goal, keep, show

DAYS = 30
ROWS_A_DAY = 300_000


def incremental(folder: Path, rows_a_day: int = ROWS_A_DAY, day_count: int = DAYS) -> None:
    """Build the days in one run, land one more, run again; both runs in a process of their own."""
    shop = Shop(rows_a_day)
    *first, last = days(day_count + 1)
    for day in first:
        shop.export(day, folder / "first")
    shop.export(last, folder / "last")
    rebuild = measure("incremental_run", folder / "guanxi", folder / "first")
    one_more = measure("incremental_run", folder / "guanxi", folder / "last")
    show(f"incremental: {day_count} days of {rows_a_day:,} rows, then one more", *_steps(rebuild, one_more))
    header = ["build, one more day", "reads", "files in all", "in windows", "opened", "outside"]
    rows = [[_or_dash(cell) for cell in row.values()] for row in one_more["files"] if row["live"]]
    show("data files (opened: counted by the kernel)", header, rows)
    ratio = one_more["seconds"] / rebuild["seconds"]
    cpu = one_more["cpu_seconds"] / rebuild["cpu_seconds"]
    print(f"one more day against the rebuild, processor time: {cpu:.2f}")
    goals = [goal("one more day against the rebuild", ratio, 0.25, at_least=False), _windows_only(one_more["files"])]
    figures = {"rebuild": rebuild, "one_more_day": one_more, "goals": goals}
    keep("incremental", {"rows_a_day": rows_a_day, "days": day_count}, figures)


def _steps(rebuild: dict[str, Any], one_more: dict[str, Any]) -> tuple[list[str], list[list[object]]]:
    header = ["step", "rebuild s", "plan", "build", "gate", "one more s", "plan", "build", "gate", "partitions"]
    rows: list[list[object]] = []
    for name, before in rebuild["steps"].items():
        cells: list[object] = [name]
        for steps in (before, one_more["steps"].get(name, {})):
            cells += [sum(steps.values()), *(steps.get(phase, 0.0) for phase in ("plan", "build", "gate"))]
        rows.append([*cells, one_more["built"].get(name, 0)])
    peak = [run["peak_mb"]["all"] for run in (rebuild, one_more)]
    rows.append(["whole run", rebuild["seconds"], "", "", "", one_more["seconds"], "", "", "", ""])
    rows.append(["whole run, cpu", rebuild["cpu_seconds"], "", "", "", one_more["cpu_seconds"], "", "", "", ""])
    rows.append(["peak MB", peak[0], "", "", "", peak[1], "", "", "", ""])
    return header, rows


def _windows_only(files: list[dict[str, Any]]) -> dict[str, Any]:
    """Whether the builds of days opened exactly the files of the windows' partitions."""
    daily = [
        row for row in files if row["dataset"].startswith(("events.", "features.")) and row["in_windows"] is not None
    ]
    inside, opened = (sum(row[key] for row in daily) for key in ("in_windows", "opened"))
    outside = sum(row["opened_outside"] for row in daily)
    met = inside == opened and not outside
    print(f"files of the windows {inside}, opened {opened}, outside {outside}: {'met' if met else 'missed'}")
    return {"what": "files opened of the windows'", "value": opened, "goal": inside, "met": met}


def _or_dash(cell: object) -> object:
    return "-" if cell is None else cell
