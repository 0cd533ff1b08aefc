"""Which promises of freshness are broken, since when and by what; a question to the tables, nothing is remembered.

A source is late when nothing was received for longer than its contract's `frequency`. Any other dataset is late when
what its inputs show has not got into it within its `latency`, whether it is held, failed or merely not done: the time
counts from one dataset to the next.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pyiceberg.table import Table

from infra.app.app import App
from infra.app.kinds.landing_objects import OBJECTS
from infra.app.survey import Forecast
from infra.lake import branch, provenance
from infra.lake.provenance import Provenance
from infra.lake.receipt import LandedObject
from infra.loop.build import pending_of
from infra.loop.dataset import Dataset
from infra.loop.plan import Cause, Partition, Pending, Why

Inputs = Mapping[str, Sequence[str]]
"""Datasets in reading order with the names of what they read."""


@dataclass(frozen=True)
class Late:
    """A broken promise: `since` is the moment until which it could still be kept."""

    dataset: str
    since: datetime
    why: str
    remedy: str


@dataclass(frozen=True)
class Backlog:
    """The oldest thing that a dataset does not show: since when it is there, and which dataset has not taken it in."""

    since: datetime
    at: str


def backlogs(inputs: Inputs, own: Mapping[str, datetime]) -> dict[str, Backlog]:
    """Backlog of each dataset that has one: its own, or an older one of anything it reads.

    `own` says since when the oldest thing that a dataset has still to take in has been at its inputs.
    """
    found: dict[str, Backlog] = {}
    for name, reads in inputs.items():
        waiting = [found[read] for read in reads if read in found]
        if name in own:
            waiting.append(Backlog(own[name], name))
        if waiting:
            found[name] = min(waiting, key=lambda backlog: backlog.since)
    return found


def latencies(inputs: Inputs, declared: Mapping[str, timedelta]) -> dict[str, timedelta]:
    """What each dataset promises: what it declares itself, else the longest that anything it reads promises."""
    promised: dict[str, timedelta] = {}
    for name, reads in inputs.items():
        inherited = [promised[read] for read in reads if read in promised]
        if name in declared or inherited:
            promised[name] = declared.get(name) or max(inherited)
    return promised


def late_sources(
    frequencies: Mapping[str, timedelta], received: Mapping[str, datetime], moment: datetime
) -> list[Late]:
    """Sources of which the newest object was received too long ago; one that never delivered is not late."""
    found = []
    for name, frequency in frequencies.items():
        if name in received and received[name] + frequency < moment:
            source = name.partition(".")[2]
            why = f"nothing has come since {_utc(received[name])}, though something should every {_span(frequency)}"
            remedy = f"Ask who delivers {source}, and see whether anything waits in inbox/{source} or is in refused."
            found.append(Late(name, received[name] + frequency, why, remedy))
    return found


def late_datasets(
    promised: Mapping[str, timedelta], found: Mapping[str, Backlog], states: Mapping[str, str], moment: datetime
) -> list[Late]:
    """Datasets that do not show what was there longer ago than they promise; `states` by dataset, for the words."""
    late = []
    for name, backlog in found.items():
        if name in promised and backlog.since + promised[name] < moment:
            state = states[backlog.at]
            where = "it is" if backlog.at == name else f"{backlog.at} is"
            why = f"what came {_utc(backlog.since)} is not in it after {_span(promised[name])}: {where} {state}"
            late.append(Late(name, backlog.since + promised[name], why, _remedy(backlog.at, state)))
    return late


def newly(found: Iterable[Late], since: datetime | None) -> list[Late]:
    """Those that became late after a check; all of them where there was no check before."""
    return [late for late in found if since is None or late.since > since]


def freshness(
    app: App, forecasts: Mapping[str, Forecast], states: Mapping[str, str], moment: datetime
) -> dict[str, Late]:
    """The broken promises at a moment by dataset, as the tables and the landing store are now."""
    # The register of objects promises nothing: what it lacks is counted where it is decoded.
    datasets = {name: dataset for name, dataset in app.datasets.all.items() if name != OBJECTS}
    inputs = {name: dataset.inputs for name, dataset in datasets.items()}
    landed = {source.name: app.landing.objects(short) for short, source in app.datasets.sources.items()}
    received = {name: max(item.received_at for item in objects) for name, objects in landed.items() if objects}
    own = {}
    for name, dataset in datasets.items():
        if name in landed:
            since = _undecoded_since(landed[name], forecasts[OBJECTS], forecasts[name])
        else:
            since = _unread_since(app, dataset, forecasts[name])
        if since is not None:
            own[name] = since
    promises = {name: contract.freshness for name, contract in app.datasets.contracts.items()}
    frequencies = {name: promise.frequency for name, promise in promises.items() if promise.frequency}
    declared = {name: promise.latency for name, promise in promises.items() if promise.latency}
    late = late_sources(frequencies, received, moment)
    late += late_datasets(latencies(inputs, declared), backlogs(inputs, own), states, moment)
    return {found.dataset: found for found in late}


def _undecoded_since(landed: Sequence[LandedObject], *forecasts: Forecast) -> datetime | None:
    """When the oldest object was received that is not registered, or not decoded."""
    new = {key for forecast in forecasts for key, why in forecast.plan.causes.items() if Cause("new") in why}
    return min((item.received_at for item in landed if f"{item.source}/{item.key}" in new), default=None)


def _unread_since(app: App, dataset: Dataset, forecast: Forecast) -> datetime | None:
    """When the first version of any input was made that is not wholly in a dataset, if it has anything to take in.

    Days that are due only because the calendar went on, or only because the code moved, wait for nothing.
    """
    if not (forecast.plan.build or _owed(forecast.plan.pending)):
        return None
    published = app.lake.table(dataset.name)
    read = _last_without(published)
    moments = []
    for name in dataset.inputs:
        if read is None or name in read.inputs:
            moved = _first_after(app.lake.table(name), int(read.inputs[name]) if read else None)
            moments += [moved] if moved else []
    return min(moments, default=None)


def _last_without(table: Table) -> Provenance | None:
    """The newest version that owed nothing of what the published one has owed ever since; None where there is none."""
    owed: frozenset[Partition] | None = None
    for version in branch.ancestors(table, branch.head(table)):
        said = provenance.read(table, version)
        if said is not None:
            owes = _owed(pending_of(said))
            owed = owes if owed is None else owed & owes
            if not owed:
                return said
    return None


def _owed(pending: Mapping[Partition, Pending]) -> frozenset[Partition]:
    return frozenset(partition for partition, left in pending.items() if left.why is not Why.CODE)


def _first_after(table: Table, version: int | None) -> datetime | None:
    """When a table first moved after a version, as far back as its history is kept."""
    chain = branch.ancestors(table, branch.head(table))
    later = chain[: chain.index(version)] if version in chain else chain
    # The version that a table is created with is empty and says nothing of itself.
    made = [table.snapshot_by_id(one) for one in later if provenance.read(table, one) is not None]
    return min((datetime.fromtimestamp(one.timestamp_ms / 1000, UTC) for one in made if one), default=None)


def _remedy(name: str, state: str) -> str:
    if state == "held":
        return f"`guanxi gate results {name}`; docs/operations.md, A held gate."
    return f"See the runs of the DAG that builds {name}; `guanxi run {name}` brings it level."


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}Z"


def _span(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    return f"{hours / 24:g} d" if hours >= 24 else f"{hours:g} h"
