"""What Airflow costs beside the work itself, under its own defaults and as Guanxi runs it: one small day on each."""

from pathlib import Path
from typing import Any, Final

from tests.bench.child import measure
from tests.bench.report import keep, show

Figures = dict[str, Any]
NO_BYTE_CODE: Final = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": "{folder}/no-byte-code"}
"""Python looks for byte-code in an empty folder and writes none, as where packages are installed uncompiled."""
SIDES: Final[dict[str, dict[str, str]]] = {
    "defaults, no byte-code": {"GUANXI_AIRFLOW_TUNED": "false", **NO_BYTE_CODE},
    "defaults": {"GUANXI_AIRFLOW_TUNED": "false"},
    "guanxi": {"GUANXI_AIRFLOW_TUNED": "true"},
}
COMPARED: Final = {
    "start-up of `guanxi up`, s": "up_seconds",
    "hop from publish to the reader's first task, median s": "hop_seconds_median",
    "hop, longest s": "hop_seconds_longest",
    "a task beside the loop's own steps, s": "task_seconds_beside",
    "processor s of scheduler and tasks, a task": "cpu_seconds_a_task",
    "landing to last mart, s": "day_seconds",
    "importing the DAG files, wall s": "import_seconds",
    "importing the DAG files, processor s": "import_cpu_seconds",
    "memory of all services at rest, MB": "memory_mb_all",
}


def orchestration(folder: Path) -> None:
    """Run the sides one after another, each in a home and a process of its own, and print them side by side."""
    sides = {}
    for number, (side, variables) in enumerate(SIDES.items()):
        home = folder / f"side{number}"
        home.mkdir(parents=True)
        environment = {name: value.format(folder=home) for name, value in variables.items()}
        sides[side] = measure("orchestration_side", home, environment=environment)
    rows = [_compared(what, [figures[key] for figures in sides.values()]) for what, key in COMPARED.items()]
    ratios = [f"{side} is x" for side in list(sides)[:-1]]
    show("orchestration: the same services and the same small day", ["what", *sides, *ratios], rows)
    for part in ("up_parts", "memory_mb"):
        names = list(dict.fromkeys(name for figures in sides.values() for name in figures[part]))
        parts = [[name, *(figures[part].get(name, "-") for figures in sides.values())] for name in names]
        show(part, ["", *sides], parts)
    keep("orchestration", {"days": 2}, {"sides": sides})


def _compared(what: str, values: list[float]) -> list[object]:
    ours = values[-1]
    return [what, *values, *(value / ours if ours else "-" for value in values[:-1])]
