"""One run: brings every chosen dataset level with its roots, then publishes all that passed, in reading order."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from types import MappingProxyType
from uuid import uuid4

from infra.lake import branch, provenance
from infra.loop.build import build_branch, plan_dataset
from infra.loop.dataset import Dataset, Job, Pin, in_groups
from infra.loop.gate import gate
from infra.loop.plan import Plan, Scope
from infra.loop.publish import publish
from infra.loop.result import STOPS_READERS, Outcome, Result, in_words
from infra.loop.timed import timed
from infra.loop.verdict import UnrecordedError, Verdicts

log = logging.getLogger("guanxi.run")
Listener = Callable[[str, str], None]
"""Told (dataset, phase) as a run goes on."""


def new_run_id(kind: str = "run") -> str:
    """A name for a run that sorts by time and is fit for a branch."""
    return f"{kind}_{datetime.now(UTC):%Y%m%dt%H%M%S}_{uuid4().hex[:8]}"


def started_at(run_id: str) -> datetime:
    """The moment in a run's name."""
    return datetime.strptime(run_id.split("_")[1], "%Y%m%dt%H%M%S").replace(tzinfo=UTC)


class Run:
    """One pass over datasets given in reading order; the caller holds their locks.

    Later datasets read the gated snapshots of earlier ones, which keep their ids when they are published. Of what is
    not in the run they read the published versions; `waits` names those that must be brought level first.
    """

    def __init__(
        self,
        datasets: Sequence[Dataset],
        pins: Mapping[str, Pin],
        verdicts: Verdicts,
        scope: Scope,
        listener: Listener = lambda dataset, phase: None,
        run_id: str | None = None,
        waits: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> None:
        self.id = run_id or new_run_id()
        self.datasets = datasets
        self.pins = dict(pins)
        self.verdicts = verdicts
        self.scope = scope
        self.listener = listener
        self.waits = waits
        self.results: dict[str, Result] = {}

    def execute(self) -> list[Result]:
        """Plan, build and gate each dataset, then publish; one dataset's failure stops only its readers."""
        try:
            with self.verdicts.together():
                for dataset, job, sealed in self.build_due():
                    with self.attempt(dataset) as result:
                        self.gate(dataset, result, job, sealed)
        except UnrecordedError as error:
            log.exception("%s: nothing is published", self.id)
            self._ungated(error)
        for dataset in self.datasets:
            self._publish(dataset, self.results[dataset.name])
        return list(self.results.values())

    def build_due(self) -> Iterator[tuple[Dataset, Job, int]]:
        """Plan and build each in reading order; tells what each is sealed as, before its readers are planned."""
        for due in self.due_groups():
            for dataset, job in due:
                if (sealed := self.build(dataset, job)) is not None:
                    yield dataset, job, sealed

    def due_groups(self) -> Iterator[list[tuple[Dataset, Job]]]:
        """What is due, in reading order and planned when asked for; those of one group do not read one another."""
        for group in in_groups(self.datasets):
            due: list[tuple[Dataset, Job]] = []
            for dataset in group:
                with self.attempt(dataset) as result:
                    if plan := self.plan(dataset, result):
                        head = branch.head(dataset.lake.table(dataset.name))
                        due.append((dataset, Job(plan, self.id, self.id, head, self.pins)))
            with self._together(due):
                yield due

    @contextmanager
    def _together(self, due: Sequence[tuple[Dataset, Job]]) -> Iterator[None]:
        """Do what several builds have in common; each counts an equal part of its seconds."""
        if len(due) < 2 or due[0][0].built_by is None:
            yield
            return
        began = time.monotonic()
        with due[0][0].built_together(due):
            building = [dataset.name for dataset, job in due if job.plan.build]
            for name in building:
                self.results[name].seconds["build"] = (time.monotonic() - began) / len(building)
            yield

    @contextmanager
    def attempt(self, dataset: Dataset) -> Iterator[Result]:
        """Keep whatever goes wrong with one dataset in its result: the others go on, its readers wait."""
        result = self.results.setdefault(dataset.name, Result(dataset.name))
        try:
            yield result
        except Exception as error:
            result.outcome, result.detail = Outcome.FAILED, in_words(error)
            log.exception("%s: %s failed", self.id, dataset.name)
            self.listener(dataset.name, f"failed: {result.detail}")

    def plan(self, dataset: Dataset, result: Result) -> Plan | None:
        """The plan of what is to be built or recorded now; None where it waits, is level or is held."""
        stopped = self._stopped(dataset)
        if stopped:
            result.outcome, result.detail = Outcome.WAITS, f"waits for {', '.join(stopped)}"
            return None
        with timed(result.seconds, "plan"):
            dataset.prepare()
            result.plan = plan_dataset(dataset, self.pins, self.scope, self.verdicts)
        if result.plan.is_level:
            self._pin(dataset, branch.head(dataset.lake.table(dataset.name)))
            return None
        if held := self._held(dataset, result.plan):
            result.outcome, result.detail = Outcome.HELD, held
            return None
        return result.plan

    def build(self, dataset: Dataset, job: Job) -> int | None:
        """Build on the run's branch; returns the sealed snapshot, which later datasets read, or None if it failed."""
        with self.attempt(dataset) as result:
            self.listener(dataset.name, "build")
            with timed(result.seconds, "build"):
                sealed = build_branch(dataset, job)
            self._pin(dataset, sealed)
            result.outcome = Outcome.BUILT
            return sealed
        return None

    def gate(self, dataset: Dataset, result: Result, job: Job, sealed: int) -> None:
        """Gate a sealed branch; what passed is what later datasets read, and until then what is published."""
        self.listener(dataset.name, "gate")
        self._pin(dataset, job.base)
        with timed(result.seconds, "gate"):
            gated = gate(dataset, job, sealed, self.verdicts)
        result.detail = "; ".join(gated.failures)
        if gated.snapshot_id is None:
            result.outcome = Outcome.FAILED if gated.crashed else Outcome.HELD
            return
        result.outcome, result.snapshot_id = Outcome.GATED, gated.snapshot_id
        result.committed = tuple(sorted(dataset.written(job.base, gated.snapshot_id)))
        self._pin(dataset, gated.snapshot_id)

    def _ungated(self, error: UnrecordedError) -> None:
        """Nothing is published of which no verdict is on record."""
        for result in self.results.values():
            if result.outcome is Outcome.GATED:
                result.outcome, result.detail = Outcome.FAILED, in_words(error)
                result.committed, result.snapshot_id = (), None

    def _stopped(self, dataset: Dataset) -> list[str]:
        # What goes on without an input was built from its published version, unless that moved or there is none.
        stopping = {Outcome.OUT_OF_DATE} if dataset.goes_on_without else STOPS_READERS
        done = [(name, self.results[name].outcome) for name in dataset.inputs if name in self.results]
        stopped = [name for name, outcome in done if outcome in stopping or name not in self.pins]
        return stopped + [f"{name}, which is out of date" for name in self.waits.get(dataset.name, ())]

    def _held(self, dataset: Dataset, plan: Plan) -> str | None:
        """A build that failed the gate is not repeated until its code, rules or inputs move, or it is accepted."""
        verdict = None if self.scope.rebuild else self.verdicts.refusal(dataset, self.pins, plan.build)
        if verdict is None:
            return None
        broken = [check.name for check in verdict.checks if not check.passed and check.severity == "critical"]
        return f"held since {verdict.at:%Y-%m-%d %H:%M}: {', '.join(broken)}"

    def _pin(self, dataset: Dataset, snapshot_id: int) -> None:
        table = dataset.lake.table(dataset.name)
        self.pins[dataset.name] = Pin(str(snapshot_id), provenance.read(table, snapshot_id))

    def _publish(self, dataset: Dataset, result: Result) -> None:
        if result.snapshot_id is None:
            if result.plan is not None and not result.plan.is_level:
                branch.drop(dataset.lake, dataset.name, self.id)
            return
        self.listener(dataset.name, "publish")
        with timed(result.seconds, "publish"):
            if self._stopped(dataset) or not publish(dataset, self.id, result.snapshot_id):
                branch.drop(dataset.lake, dataset.name, self.id)
                result.out_of_date()
            else:
                result.outcome = Outcome.PUBLISHED
