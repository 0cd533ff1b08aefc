"""Measurements in a fresh process each, so that none inherits another's memory or warmth."""

import json
import subprocess
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from infra.lake.settings import environment_with


def measure(module: str, *arguments: object, environment: Mapping[str, str] = MappingProxyType({})) -> dict[str, Any]:
    """Run a module of this folder in a process of its own; returns the JSON of its last line."""
    command = [sys.executable, "-m", f"tests.bench.{module}", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment_with(environment))
    if done.returncode:
        raise RuntimeError(f"{module} {' '.join(map(str, arguments))} failed:\n{done.stderr[-4000:]}")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures
