"""A run in a process of its own that kills itself: `python -m tests.support.killed_run HOME POINT [PROJECT]`."""

import importlib
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Point:
    """Before or after the n-th call of a function, named by where it is looked up."""

    place: str
    name: str
    when: str
    call: int = 1


POINTS = {
    "before build": Point("infra.loop.run", "build_branch", "before", 3),
    "inside build": Point("infra.app.kinds.days", "_overwrite", "after", 2),
    "after build": Point("infra.loop.run", "build_branch", "after", 4),
    "before gate": Point("infra.loop.run", "gate", "before", 3),
    "inside gate": Point("infra.loop.gate", "_verdict", "before", 4),
    "after gate": Point("infra.loop.run", "gate", "after", 5),
    "before verdicts": Point("infra.loop.verdict", "append_rows", "before", 1),
    "after verdicts": Point("infra.loop.verdict", "append_rows", "after", 1),
    "before publish": Point("infra.loop.run", "publish", "before", 1),
    "inside publish": Point("infra.lake.branch", "publish", "after", 3),
    "after publish": Point("infra.loop.run", "publish", "after", 9),
    "before swap": Point("infra.app.app", "refresh", "before", 1),
    "inside swap": Point("infra.app.warehouse", "_swap", "before", 1),
    "after swap": Point("infra.app.app", "refresh", "after", 1),
}


def arm(point: Point) -> None:
    """Wrap the function so that the process ends there, without any chance to tidy up."""
    module = importlib.import_module(point.place)
    wrapped = getattr(module, point.name)
    calls = 0

    def deadly(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == point.call and point.when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = wrapped(*args, **kwargs)
        if calls == point.call and point.when == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(module, point.name, deadly)


def main() -> None:
    """Run the loop in HOME until POINT."""
    from infra.app.app import PROJECT_ROOT, App
    from infra.app.datasets import Project
    from infra.lake.settings import Settings
    from tests.support.home import over

    home, point, *root = sys.argv[1:]
    arm(POINTS[point])
    app = App(Settings(home=Path(home)), Project(Path(root[0]) if root else PROJECT_ROOT))
    if app.settings.spark_remote:
        app.engine.spark = over(app.settings, app.engine.spark)
    app.run()
    raise SystemExit("the run ended without coming to the point")


if __name__ == "__main__":
    main()
