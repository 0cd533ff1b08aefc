"""One run: brings every chosen dataset level with its roots, then publishes all that passed, in reading order."""

import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from uuid import uuid4

from infra.lake import branch, provenance
from infra.lake.errors import GuanxiError
from infra.loop.build import build_branch, plan_dataset
from infra.loop.dataset import Dataset, Job, Pin
from infra.loop.gate import gate
from infra.loop.plan import Partition, Plan, Scope
from infra.loop.publish import publish
from infra.loop.verdict import FAILED, Verdicts, verdict_key

Listener = Callable[[str, str], None]
"""Told (dataset, phase) as a run goes on."""


class Outcome(StrEnum):
    """What came of one dataset in one run."""

    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    HELD = "held"
    WAITS = "waits"
    FAILED = "failed"
    OUT_OF_DATE = "out_of_date"


STOPS_READERS = frozenset({Outcome.HELD, Outcome.WAITS, Outcome.FAILED, Outcome.OUT_OF_DATE})


@dataclass
class Result:
    """What one run did to one dataset; `committed` are the partitions whose rows really changed."""

    dataset: str
    outcome: Outcome = Outcome.UNCHANGED
    plan: Plan | None = None
    snapshot_id: int | None = None
    committed: tuple[Partition, ...] = ()
    detail: str = ""
    seconds: dict[str, float] = field(default_factory=dict)


def new_run_id(now: datetime | None = None) -> str:
    """A name for a run that sorts by time and is fit for a branch."""
    moment = now or datetime.now(UTC)
    return f"run_{moment:%Y%m%dt%H%M%S}_{uuid4().hex[:8]}"


class Run:
    """One pass over datasets given in reading order; the caller holds their locks.

    Later datasets read the gated snapshots of earlier ones, which keep their ids when they are published.
    """

    def __init__(
        self,
        datasets: Sequence[Dataset],
        pins: Mapping[str, Pin],
        verdicts: Verdicts,
        scope: Scope,
        listener: Listener = lambda dataset, phase: None,
    ) -> None:
        self.id = new_run_id()
        self.datasets = datasets
        self.pins = dict(pins)
        self.verdicts = verdicts
        self.scope = scope
        self.listener = listener
        self.results: dict[str, Result] = {}

    def execute(self) -> list[Result]:
        """Plan, build and gate each dataset, then publish; one dataset's failure stops only its readers."""
        for dataset in self.datasets:
            result = Result(dataset.name)
            self.results[dataset.name] = result
            try:
                self._bring_level(dataset, result)
            except Exception as error:  # noqa: BLE001 - whatever a build meets, the others go on and readers wait
                result.outcome, result.detail = Outcome.FAILED, _in_words(error)
                self.listener(dataset.name, f"failed: {traceback.format_exc()}")
        for dataset in self.datasets:
            self._publish(dataset, self.results[dataset.name])
        return list(self.results.values())

    def _bring_level(self, dataset: Dataset, result: Result) -> None:
        stopped = [n for n in dataset.inputs if n in self.results and self.results[n].outcome in STOPS_READERS]
        if stopped:
            result.outcome, result.detail = Outcome.WAITS, f"waits for {', '.join(stopped)}"
            return
        with _timed(result, "plan"):
            dataset.prepare()
            result.plan = plan_dataset(dataset, self.pins, self.scope, self.verdicts)
        if result.plan.is_level:
            self._pin(dataset, branch.head(dataset.lake.table(dataset.name)))
        elif held := self._held(dataset, result.plan):
            result.outcome, result.detail = Outcome.HELD, held
        else:
            self._build_and_gate(dataset, result, result.plan)

    def _held(self, dataset: Dataset, plan: Plan) -> str | None:
        """A build that failed the gate is not repeated until its code, rules or inputs move, or it is accepted."""
        if not plan.build or self.scope.rebuild:
            return None
        verdict = self.verdicts.binding(dataset.name).get(
            (None, verdict_key(dataset, self.pins, frozenset(plan.build), None))
        )
        if verdict is None or verdict.verdict != FAILED:
            return None
        broken = [check.name for check in verdict.checks if not check.passed and check.severity == "critical"]
        return f"held since {verdict.at:%Y-%m-%d %H:%M}: {', '.join(broken)}"

    def _build_and_gate(self, dataset: Dataset, result: Result, plan: Plan) -> None:
        base = branch.head(dataset.lake.table(dataset.name))
        job = Job(plan, self.id, self.id, base, self.pins)
        self.listener(dataset.name, "build")
        with _timed(result, "build"):
            sealed = build_branch(dataset, job)
        self.listener(dataset.name, "gate")
        with _timed(result, "gate"):
            gated = gate(dataset, job, sealed, self.verdicts)
        result.detail = "; ".join(gated.failures)
        if gated.snapshot_id is None:
            result.outcome = Outcome.FAILED if gated.crashed else Outcome.HELD
            return
        result.outcome, result.snapshot_id = Outcome.PUBLISHED, gated.snapshot_id
        result.committed = _committed(dataset, base, gated.snapshot_id)
        self._pin(dataset, gated.snapshot_id)

    def _pin(self, dataset: Dataset, snapshot_id: int) -> None:
        table = dataset.lake.table(dataset.name)
        self.pins[dataset.name] = Pin(str(snapshot_id), provenance.read(table, snapshot_id))

    def _publish(self, dataset: Dataset, result: Result) -> None:
        if result.snapshot_id is None:
            if result.plan is not None and not result.plan.is_level:
                branch.drop(dataset.lake, dataset.name, self.id)
            return
        self.listener(dataset.name, "publish")
        stopped = [n for n in dataset.inputs if n in self.results and self.results[n].outcome in STOPS_READERS]
        with _timed(result, "publish"):
            if stopped or not publish(dataset, self.id, result.snapshot_id):
                branch.drop(dataset.lake, dataset.name, self.id)
                result.outcome, result.detail = Outcome.OUT_OF_DATE, "the published version moved during the run"
                result.committed, result.snapshot_id = (), None


def _in_words(error: Exception) -> str:
    """What is kept of an error: an engine's message may quote rows, only our own is made not to."""
    return str(error) if isinstance(error, GuanxiError) else f"{type(error).__name__} (its traceback was printed)"


def _committed(dataset: Dataset, base: int, snapshot_id: int) -> tuple[Partition, ...]:
    return tuple(sorted(dataset.written(base, snapshot_id)))


class _timed:  # noqa: N801 - used as a context manager
    """Adds the seconds of a block to a result."""

    def __init__(self, result: Result, phase: str) -> None:
        self.result, self.phase, self.started = result, phase, time.monotonic()

    def __enter__(self) -> None:
        self.started = time.monotonic()

    def __exit__(self, *_: object) -> None:
        self.result.seconds[self.phase] = round(time.monotonic() - self.started, 3)
