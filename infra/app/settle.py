"""Waits a moment for what is about to be published.

Several sources that deliver at once publish within seconds of one another: what reads them, begun in their midst, would
be built twice, and so would all that is behind it.
"""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from infra.app.app import App
from infra.app.survey import is_held
from infra.loop.build import plan_dataset
from infra.loop.dataset import Dataset, Pins
from infra.loop.plan import EVERYTHING
from infra.loop.run import started_at
from infra.loop.steps import STEPPED

PATIENCE_SECONDS: Final = 30
LOOK_SECONDS: Final = 1
LATELY: Final = timedelta(minutes=3)
"""What began before may be dead, and what moved before may be kept from being taken in: nobody need wait for either."""


def settle(app: App, names: Sequence[str]) -> None:
    """Wait until nothing that some datasets read is on its way, for thirty seconds at most.

    Those who wait take one of the engine's slots: where there is only one, they would wait for themselves.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while app.settings.engine_slots > 1 and any(on_the_way(app, names)) and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)


def on_the_way(app: App, names: Sequence[str]) -> Iterator[str]:
    """Name the inputs of some datasets, themselves left out, that are being built, then those that are about to be.

    The former are cheaply told, the latter planned.
    """
    read = {name for dataset in app.datasets.named(names) for name in dataset.inputs if "." in name} - {*names}
    yield from (name for name in sorted(read) if _is_built_now(app, name))
    pins = app.pins()
    there = app.datasets.named(read & pins.keys())
    yield from (dataset.name for dataset in there if _is_about_to_be_built(app, dataset, pins))


def _is_built_now(app: App, name: str) -> bool:
    table = app.lake.find(name)
    runs = [ref for ref in table.refs() if ref.startswith(f"{STEPPED}_")] if table else []
    return any(_is_recent(started_at(run)) for run in runs)


def _is_about_to_be_built(app: App, dataset: Dataset, pins: Pins) -> bool:
    """Whether it has yet to take in what was published lately of what it reads."""
    published = dataset.published()
    known = published.inputs if published else {}
    moved = [name for name in dataset.inputs if name in pins and "." in name and known.get(name) != pins[name].version]
    if not any(_is_recent(_written_at(app, name, pins)) for name in moved):
        return False
    plan = plan_dataset(dataset, pins, EVERYTHING, app.verdicts)
    return bool(plan.build) and not is_held(app, dataset, plan, pins)


def _written_at(app: App, name: str, pins: Pins) -> datetime:
    snapshot = app.lake.table(name).snapshot_by_id(pins[name].snapshot_id)
    return datetime.fromtimestamp(snapshot.timestamp_ms / 1000, UTC) if snapshot else datetime.min.replace(tzinfo=UTC)


def _is_recent(moment: datetime) -> bool:
    return moment > datetime.now(UTC) - LATELY
