"""Waits a moment for what is about to be published.

Several sources that deliver at once publish within seconds of one another: what reads them, begun in their midst, would
be built twice, and so would all that is behind it.
"""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from infra.app.app import App
from infra.lake.locks import try_table_lock
from infra.loop.build import plan_dataset
from infra.loop.dataset import Dataset, Pins
from infra.loop.plan import EVERYTHING
from infra.loop.run import started_at
from infra.loop.steps import STEPPED

WAITING: Final = "waiting"
PATIENCE_SECONDS: Final = 30
LOOK_SECONDS: Final = 1
LATELY: Final = timedelta(minutes=3)
"""What began before may be dead, what was written before may be kept from being taken in: nobody waits for either."""


def settle(app: App, names: Sequence[str]) -> None:
    """Wait until nothing that some datasets read is on its way, for some thirty seconds at most.

    Who waits takes one of the engine's slots, and must not keep what it waits for from its own: so nobody waits where
    there is only one, and one at a time elsewhere.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    with try_table_lock(app.settings, WAITING) as is_alone:
        may_wait = is_alone and app.settings.engine_slots > 1
        while may_wait and any(on_the_way(app, names)) and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)


def on_the_way(app: App, names: Sequence[str]) -> Iterator[str]:
    """Name the inputs of some datasets, themselves left out, that are being built, then those that are about to be.

    The former are cheaply told, the latter planned.
    """
    read = {name for dataset in app.datasets.named(names) for name in dataset.inputs if "." in name} - {*names}
    yield from (name for name in sorted(read) if _is_built_now(app, name))
    pins = app.table_pins()
    there = app.datasets.named(read & pins.keys())
    yield from (dataset.name for dataset in there if _is_about_to_be_built(app, dataset, pins))


def _is_built_now(app: App, name: str) -> bool:
    table = app.lake.find(name)
    runs = [ref for ref in table.refs() if ref.startswith(f"{STEPPED}_")] if table else []
    return any(_is_recent(started_at(run)) for run in runs)


def _is_about_to_be_built(app: App, dataset: Dataset, pins: Pins) -> bool:
    """Whether it has yet to take in what was written lately of what it reads."""
    if not all(name in pins for name in dataset.inputs):
        return False  # it reads the outside, or what nobody has prepared yet
    published = dataset.published()
    known = published.inputs if published else {}
    moved = [name for name in dataset.inputs if known.get(name) != pins[name].version]
    if not any(_is_recent(_written_at(app, name, pins)) for name in moved):
        return False
    plan = plan_dataset(dataset, pins, EVERYTHING, app.verdicts)
    return bool(plan.build) and not app.verdicts.refusal(dataset, pins, plan.build)


def _written_at(app: App, name: str, pins: Pins) -> datetime:
    snapshot = app.lake.table(name).snapshot_by_id(pins[name].snapshot_id)
    return datetime.fromtimestamp(snapshot.timestamp_ms / 1000, UTC) if snapshot else datetime.min.replace(tzinfo=UTC)


def _is_recent(moment: datetime) -> bool:
    return moment > datetime.now(UTC) - LATELY
