"""Measurements in a fresh process each, so that none inherits another's memory or warmth."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from infra.lake.settings import environment_with
from tests.bench.processes import PeakMemory

TURNS = ("first", "second")
Side = Callable[[Path, Path], Sequence[dict[str, Any]]]
"""Does its work on what is given, in a folder of its own, so many times as there are turns; returns figures of each."""


def measure(module: str, *arguments: object, environment: Mapping[str, str] = MappingProxyType({})) -> dict[str, Any]:
    """Run a module of this folder in a process of its own; returns the JSON of its last line."""
    command = [sys.executable, "-m", f"tests.bench.{module}", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment_with(environment))
    if done.returncode:
        raise RuntimeError(f"{module} {' '.join(map(str, arguments))} failed:\n{done.stderr[-4000:]}")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def run_side(sides: Mapping[str, Side]) -> None:
    """Do what the command line names: SIDE GIVEN FOLDER; prints its figures and its largest memory as one JSON line."""
    side, given, folder = sys.argv[1:]
    Path(folder).mkdir(parents=True, exist_ok=True)
    with PeakMemory() as memory:
        turns = sides[side](Path(given).absolute(), Path(folder).absolute())
    print(json.dumps({**dict(zip(TURNS, turns, strict=True)), "peak_mb": memory.megabytes}))
