"""Waits a moment for what is about to be published.

Several sources that deliver at once publish within seconds of one another: what reads them, begun in their midst, would
be built twice, and so would all that is behind it.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from infra.app.app import App
from infra.loop.run import started_at
from infra.loop.steps import STEPPED

PATIENCE_SECONDS: Final = 10
LOOK_SECONDS: Final = 0.5
LONGEST_RUN: Final = timedelta(minutes=3)
"""A branch of an older run may be that of a dead one, which nobody need wait for."""


def settle(app: App, names: Sequence[str]) -> None:
    """Wait until nothing that some datasets read is on its way, for ten seconds at most.

    Those who wait take one of the engine's slots: where there is only one, they would wait for themselves.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while app.settings.engine_slots > 1 and on_the_way(app, names) and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)


def on_the_way(app: App, names: Sequence[str]) -> list[str]:
    """Which inputs of some datasets, themselves left out, are between their build and their publication."""
    read = {name for dataset in app.datasets.named(names) for name in dataset.inputs if "." in name} - {*names}
    return sorted(name for name in read if _is_built_now(app, name))


def _is_built_now(app: App, name: str) -> bool:
    table = app.lake.find(name)
    since = datetime.now(UTC) - LONGEST_RUN
    runs = [ref for ref in table.refs() if ref.startswith(f"{STEPPED}_")] if table else []
    return any(started_at(run) > since for run in runs)
