"""Measurements in a fresh process each, so that none inherits another's memory or warmth."""

import json
import subprocess
import sys
from typing import Any


def measure(module: str, *arguments: object) -> dict[str, Any]:
    """Run a module of this folder in a process of its own; returns the JSON of its last line."""
    command = [sys.executable, "-m", f"tests.bench.{module}", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{module} {' '.join(map(str, arguments))} failed:\n{done.stderr[-4000:]}")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures
