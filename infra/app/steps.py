"""What orchestrated tasks call: one run of some datasets in three steps, each in a process of its own.

build ──run id──▶ gate ──run id──▶ publish ──▶ analysts' file
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from infra.app.app import App
from infra.app.errors import BadDataError, BrokenStepError
from infra.app.runs import read_runs
from infra.lake import branch
from infra.lake.locks import table_locks
from infra.loop.dataset import Dataset
from infra.loop.plan import EVERYTHING, Scope
from infra.loop.result import Outcome, Result
from infra.loop.run import Run, new_run_id
from infra.loop.steps import STEPPED, build_step, gate_step, publish_step


@dataclass(frozen=True)
class Report:
    """What one step did."""

    run: str
    results: tuple[Result, ...]

    def of(self, *outcomes: Outcome) -> list[str]:
        """What came of the datasets with one of these outcomes, in words."""
        return [f"{r.dataset}: {r.detail or r.outcome.value}" for r in self.results if r.outcome in outcomes]


def build(app: App, names: Sequence[str], scope: Scope = EVERYTHING, *, last_try: bool = False) -> Report:
    """Build what is out of date of the named datasets, on branches named after the run; what they read is as published.

    Raises BrokenStepError if a build failed, and drops what else was built, as another try builds it anew. On the last
    try what was built goes on without what failed.
    """
    run_id = new_run_id(STEPPED)
    step = partial(build_step, side_by_side=app.settings.engine_slots)
    report = _step(app, names, step, lambda chosen: app.open_run(chosen, scope, run_id=run_id))
    if report.of(Outcome.FAILED) and not (last_try and report.of(Outcome.BUILT)):
        for dataset in app.datasets.named(names):
            if app.lake.find(dataset.name) is not None:
                branch.drop(app.lake, dataset.name, run_id)
        _require_whole(report)
    return report


def gate(app: App, names: Sequence[str], run_id: str) -> Report:
    """Gate what a run built; raises BrokenStepError if the quality engine broke. What is held stays in the report."""
    report = _step(app, names, gate_step, lambda chosen: _left(app, chosen, run_id))
    _require_whole(report)
    return report


def publish(app: App, names: Sequence[str], run_id: str) -> Report:
    """Publish what passed, bring the analysts' file level, and plan again if the published versions moved meanwhile."""
    report = _step(app, names, publish_step, lambda chosen: _left(app, chosen, run_id))
    if report.of(Outcome.OUT_OF_DATE):
        report = Report(run_id, (*report.results, *app.run(names, alone=True, run_id=run_id)))
    else:
        app.refresh_warehouse()
    _require_whole(report)
    return report


def published_by(app: App, names: Sequence[str], run_id: str) -> set[str]:
    """Which of the named datasets show what a run published: a try that was killed may not have said so."""
    shown = {dataset.name: dataset.published() for dataset in app.datasets.named(names)}
    return {name for name, published in shown.items() if published is not None and published.run == run_id}


def unbuilt(app: App, run_id: str) -> list[str]:
    """What a run could not build though it was tried to the last, with the reason."""
    parts = (part for run in read_runs(app, run_id) for part in run.parts)
    return [f"{part.dataset}: {part.detail}" for part in parts if part.outcome == Outcome.FAILED]


def require_good(report: Report) -> None:
    """Raise BadDataError naming what the gate holds back, whole or of one source."""
    held = report.of(Outcome.HELD) + [f"{r.dataset}: {r.detail}" for r in report.results if r.is_partly_held]
    if held:
        raise BadDataError(
            f"held back by the gate: {'; '.join(held)}. See `guanxi status`; docs/operations.md, A held gate."
        )


def _left(app: App, chosen: Sequence[Dataset], run_id: str) -> Run:
    """A run of which all that is still to do stands in the seals of its branches."""
    return Run(chosen, {}, app.verdicts, EVERYTHING, run_id=run_id)


def _step(
    app: App, names: Sequence[str], step: Callable[[Run], list[Result]], opened: Callable[[Sequence[Dataset]], Run]
) -> Report:
    chosen = app.datasets.named(names)
    app.prepare_ops()
    with table_locks(app.settings, [dataset.name for dataset in chosen]):
        run = opened(chosen)
        report = Report(run.id, tuple(step(run)))
    app.record(run.id, report.results)
    return report


def _require_whole(report: Report) -> None:
    if failed := report.of(Outcome.FAILED):
        raise BrokenStepError(f"{report.run}: {'; '.join(failed)}. Try again; `guanxi status` says what is owed.")
