"""Everything the pages show, read once: tables' metadata, the rows of `ops.*`, two marts. It never starts Spark."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime

from infra.app.app import App
from infra.app.declared import units
from infra.app.kinds.landing_objects import LANDING
from infra.app.pages.balance import Balance, read_balance
from infra.app.pages.catalogue import Entry, RuleEntry, of_contract, of_mart
from infra.app.pages.gates import Numbered, ReadVerdicts, number, read_verdicts
from infra.app.pages.lateness import Lateness, read_lateness
from infra.app.pages.quarantine import QuarantineFacts, read_quarantine
from infra.app.runs import RunReport, read_runs
from infra.app.show import Shown, show
from infra.app.status import DatasetStatus, status_of
from infra.app.survey import Forecast, survey
from infra.lake import provenance
from infra.loop.verdict import ACCEPTED

RUNS_SHOWN = 100


@dataclass(frozen=True)
class BuiltFrom:
    """One input of a published version: the version that was read, and whether that is still the published one."""

    name: str
    version: str
    is_published: bool


@dataclass(frozen=True)
class Published:
    """What the published version of a dataset says of itself; `rows` is None where only a scan could tell."""

    run: str
    code: str
    rows: int | None
    size_bytes: int | None
    covers: tuple[str, str] | None
    inputs: tuple[BuiltFrom, ...]


@dataclass(frozen=True)
class DatasetFacts:
    """One dataset: its promise, its files and relations, its state, what a run would do, its published version."""

    entry: Entry
    shown: Shown
    status: DatasetStatus
    forecast: Forecast
    published: Published | None


@dataclass(frozen=True)
class Facts:
    """Datasets in reading order, the contracts of the tables beside the loop, runs and verdicts newest first."""

    home: str
    written_at: datetime
    datasets: Mapping[str, DatasetFacts]
    inputs: Mapping[str, Sequence[str]]
    beside: Mapping[str, Entry]
    runs: Sequence[RunReport]
    older_runs: int
    verdicts: Sequence[Numbered]
    balance: Balance | None
    lateness: Lateness | None
    quarantine: QuarantineFacts


def read_facts(app: App) -> Facts:
    """The state of a home at this moment."""
    verdicts = read_verdicts(app.lake)
    seen = copy(app)
    seen.verdicts = ReadVerdicts(app.lake, verdicts)
    runs = read_runs(app)
    forecasts = {forecast.dataset: forecast for forecast in survey(seen)}
    statuses = {row.dataset: row for row in status_of(seen, forecasts, runs)}
    numbered = number(verdicts)
    entries = _entries(app, numbered)
    versions = {LANDING: app.landing.version()} | {name: row.version for name, row in statuses.items()}
    datasets = {
        name: DatasetFacts(entries[name], show(app, name), row, forecasts[name], _published(app, name, row, versions))
        for name, row in statuses.items()
    }
    return Facts(
        home=str(app.settings.root),
        written_at=datetime.now(UTC),
        datasets=datasets,
        inputs={LANDING: ()} | {name: dataset.inputs for name, dataset in app.datasets.all.items()},
        beside={name: of_contract(contract) for name, contract in app.ops.items()},
        runs=runs[:RUNS_SHOWN],
        older_runs=max(0, len(runs) - RUNS_SHOWN),
        verdicts=numbered,
        balance=read_balance(app.lake),
        lateness=read_lateness(app.lake),
        quarantine=read_quarantine(app),
    )


def _entries(app: App, verdicts: Sequence[Numbered]) -> dict[str, Entry]:
    """Entries of every dataset; a mart's owner is its unit's, its rules are the checks that its gate last ran."""
    entries = {name: of_contract(contract) for name, contract in app.datasets.contracts.items()}
    owners = {name: unit.owner for unit in units(app.datasets.project.root) for name in unit.datasets}
    for spec in app.datasets.dbt.marts():
        entries[spec.name] = of_mart(spec, owners.get(spec.name, ""), _checks(spec.name, verdicts))
    return entries


def _checks(name: str, verdicts: Sequence[Numbered]) -> list[RuleEntry]:
    gated = (v.verdict for v in verdicts if v.verdict.dataset == name and v.verdict.verdict != ACCEPTED)
    newest = next(gated, None)
    return [RuleEntry(c.name, c.column, c.severity, "") for c in newest.checks] if newest else []


def _published(app: App, name: str, row: DatasetStatus, versions: Mapping[str, str | None]) -> Published | None:
    if row.version is None:
        return None
    table = app.lake.table(name)
    read = provenance.read(table, int(row.version))
    snapshot = table.snapshot_by_id(int(row.version))
    if read is None or snapshot is None or snapshot.summary is None:
        return None
    totals = snapshot.summary.additional_properties
    has_deletes = totals.get("total-position-deletes", "0") != "0" or totals.get("total-equality-deletes", "0") != "0"
    return Published(
        run=read.run,
        code=read.code,
        rows=None if has_deletes else _count(totals.get("total-records")),
        size_bytes=_count(totals.get("total-files-size")),
        covers=read.covers if app.datasets.all[name].covers_days else None,
        inputs=tuple(BuiltFrom(n, version, versions.get(n) == version) for n, version in sorted(read.inputs.items())),
    )


def _count(text: str | None) -> int | None:
    return int(text) if text is not None else None
