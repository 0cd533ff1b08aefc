"""The state of every dataset, from the published versions, the gate's verdicts and what the last runs met."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from infra.app.app import App
from infra.app.closed import Rest, resting
from infra.app.explain import in_ranges, left_reasons
from infra.app.freshness import Late, freshness
from infra.app.quarantine import unread_records
from infra.app.runs import RunReport, newest_parts, read_runs
from infra.app.survey import Forecast, survey
from infra.lake import branch, provenance
from infra.loop.build import held_keys, pending_of
from infra.loop.dataset import Dataset
from infra.loop.plan import Partition, Why
from infra.loop.result import Outcome
from infra.loop.verdict import Verdict


@dataclass(frozen=True)
class DatasetStatus:
    """One dataset: its published version, how far it is complete, what it owes, what holds it, whether it is late.

    `left_alone` is the rest of a source whose platform failed, `behind` are the sources held, failed, at rest or late
    that keep the dataset from being complete any further; `quarantined` are the records of a source that could not be
    read.
    """

    dataset: str
    state: str
    version: str | None = None
    published_at: datetime | None = None
    complete_through: str | None = None
    owed: tuple[str, ...] = ()
    held: tuple[str, ...] = field(default=())
    failed: str | None = None
    late: Late | None = None
    left_alone: Rest | None = None
    behind: tuple[str, ...] = ()
    quarantined: int = 0


def status(app: App, moment: datetime | None = None) -> list[DatasetStatus]:
    """Status of every dataset, in reading order; `moment` (now) is when promises of freshness are looked at."""
    return status_of(app, {forecast.dataset: forecast for forecast in survey(app)}, read_runs(app), moment)


def status_of(
    app: App, forecasts: Mapping[str, Forecast], runs: Iterable[RunReport], moment: datetime | None = None
) -> list[DatasetStatus]:
    """Status of every dataset, in reading order, from a survey and the recorded runs."""
    failures = _failures(runs)
    stopped: set[str] = set()
    rows = []
    for dataset in app.datasets.all.values():
        forecast = forecasts[dataset.name]
        failed = None if forecast.is_level else failures.get(dataset.name)
        waits_for = set() if dataset.goes_on_without else stopped & set(dataset.inputs)
        row = _status(app, dataset, forecast, waits_for, failed)
        if row.state in {"held", "waits", "failed"}:
            stopped.add(dataset.name)
        rows.append(row)
    late = freshness(app, forecasts, {row.dataset: row.state for row in rows}, moment or datetime.now(UTC))
    rests = {source.name: resting(app.settings, short) for short, source in app.datasets.sources.items()}
    unread = {contract.name: unread_records(app, contract) for contract in app.datasets.sources.values()}
    rows = [
        replace(
            row,
            late=late.get(row.dataset),
            left_alone=rests.get(row.dataset),
            quarantined=unread.get(row.dataset, 0),
        )
        for row in rows
    ]
    inputs = {name: dataset.inputs for name, dataset in app.datasets.all.items()}
    return [replace(row, behind=held_back(row, inputs, {one.dataset: one for one in rows})) for row in rows]


def held_back(
    row: DatasetStatus, inputs: Mapping[str, Sequence[str]], rows: Mapping[str, DatasetStatus]
) -> tuple[str, ...]:
    """The sources that keep it back: held or failed, or at rest or late where it is complete as far as they are."""
    read, queue = set[str](), list(inputs[row.dataset])
    while queue:
        name = queue.pop()
        if name in rows and name not in read:
            read.add(name)
            queue.extend(inputs[name])
    raw = {name for name in read if name.startswith("raw.")}
    stopped = {name for name in raw if rows[name].state in {"held", "failed"}}
    through = {name: rows[name].complete_through for name in read}
    if not any(other and row.complete_through and other > row.complete_through for other in through.values()):
        return tuple(sorted(stopped))
    ailing = {name for name in raw if rows[name].left_alone or rows[name].late}
    return tuple(sorted(stopped | {name for name in ailing if through[name] == row.complete_through}))


def _failures(runs: Iterable[RunReport]) -> dict[str, str]:
    """What went wrong in the last run of each dataset, where it failed."""
    failed = {name: part for name, part in newest_parts(runs).items() if part.outcome == Outcome.FAILED}
    return {name: f"{part.at:%Y-%m-%d %H:%M}Z: {part.detail}" for name, part in failed.items()}


def _status(app: App, dataset: Dataset, forecast: Forecast, stopped: set[str], failed: str | None) -> DatasetStatus:
    table = app.lake.table(dataset.name)
    head = branch.head(table)
    read = provenance.read(table, head)
    held = _held(app, dataset, forecast)
    state = "failed" if failed else _state(forecast, held, stopped, read is not None)
    if read is None:
        return DatasetStatus(dataset.name, state, held=held, failed=failed)
    snapshot = table.snapshot_by_id(head)
    at = datetime.fromtimestamp(snapshot.timestamp_ms / 1000, UTC) if snapshot else None
    owed = tuple(f"{in_ranges(r.partitions, 3)}: {r.why}" for r in left_reasons(forecast.plan))
    return DatasetStatus(dataset.name, state, str(head), at, read.complete_through, owed, held, failed)


def _state(forecast: Forecast, held: tuple[str, ...], stopped: set[str], published: bool) -> str:
    if held:
        return "held"
    if stopped:
        return "waits"
    if not published:
        return "no input" if forecast.is_level else "never built"
    return "level" if forecast.is_level else "out of date"


def _held(app: App, dataset: Dataset, forecast: Forecast) -> tuple[str, ...]:
    """Why the gate holds it: days of single sources that are published as they were, or the whole dataset."""
    published = dataset.published()
    pending = pending_of(published) if published else {}
    by_source: dict[str, set[Partition]] = {}
    for partition, reason in pending.items():
        if reason.why is Why.HELD:
            by_source.setdefault(reason.about, set()).add(partition)
    binding = app.verdicts.binding(dataset.name)
    words = []
    for about, days in by_source.items():
        words += [_words(binding.get((s, key)), s, sorted(days)) for s, key in held_keys(about).items()]
    if forecast.plan.build and not forecast.after:  # pins are of every table: they are looked up where they are needed
        refusal = app.verdicts.refusal(dataset, app.pins(), forecast.plan.build)
        if refusal:
            words.append(_words(refusal, None, list(refusal.partitions)))
    return tuple(words)


def _words(verdict: Verdict | None, source: str | None, days: list[Partition]) -> str:
    broken = (
        [f"{c.name} ({c.observed})" for c in verdict.checks if not c.passed and c.severity == "critical"]
        if verdict
        else []
    )
    what = f"{source} on " if source else ""
    return f"{what}{days[0]}{'..' + days[-1] if len(days) > 1 else ''}: {'; '.join(broken) or 'failed the gate'}"
