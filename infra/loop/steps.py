"""A run in three steps, each of which may be a process of its own: build, gate, publish.

What passes between them is the run's branches and the gate's verdicts, so a step can be tried again, and a step that
never comes leaves nothing behind but branches that nobody reads.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from infra.lake import branch
from infra.loop.build import job_of
from infra.loop.dataset import Dataset, Job
from infra.loop.publish import publish
from infra.loop.result import Outcome, Result
from infra.loop.run import Run
from infra.loop.timed import timed
from infra.loop.verdict import PASSED, Verdicts

STEPPED = "steps"
# The quality library works for one gate at a time: while it does, another one reads. More would only hold more rows.
GATES_AT_A_TIME = 2


def build_step(run: Run, side_by_side: int = 1) -> list[Result]:
    """Plan and build every dataset on the run's branch; later ones read what earlier ones built, gated or not yet.

    So many of those that do not read one another are built at a time: a small build is mostly waiting.
    """
    with ThreadPoolExecutor(side_by_side) as pool:
        for due in run.due_groups():
            list(pool.map(run.build, *zip(*due, strict=True)) if due else ())
    for dataset in run.datasets:
        if run.results[dataset.name].outcome is Outcome.FAILED and dataset.lake.find(dataset.name) is not None:
            branch.drop(dataset.lake, dataset.name, run.id)
    return list(run.results.values())


def gate_step(run: Run) -> list[Result]:
    """Gate every branch that the build left, some at a time: no gate waits for what another says."""

    def gate(dataset: Dataset) -> None:
        left = job_of(dataset, run.id)
        if left is not None:
            with run.attempt(dataset) as result:
                run.gate(dataset, result, *left)

    with run.verdicts.together(), ThreadPoolExecutor(GATES_AT_A_TIME) as pool:
        list(pool.map(gate, run.datasets))
    return [run.results[dataset.name] for dataset in run.datasets if dataset.name in run.results]


def publish_step(run: Run) -> list[Result]:
    """Publish what passed, in reading order, if what it reads is published too; drop every branch of the run."""
    for dataset in run.datasets:
        left = job_of(dataset, run.id)
        if left is not None:
            with run.attempt(dataset) as result, timed(result.seconds, "publish"):
                _publish(dataset, run, result, *left)
    return list(run.results.values())


def _publish(dataset: Dataset, run: Run, result: Result, job: Job, sealed: int) -> None:
    passed = sealed if not job.plan.build else _passed(dataset, job, sealed, run.verdicts)
    if passed is None:
        result.outcome, result.detail = Outcome.HELD, "the gate did not let it pass"
        branch.drop(dataset.lake, dataset.name, run.id)
        return
    result.committed = tuple(sorted(dataset.written(job.base, passed)))
    result.snapshot_id = passed
    if _reads_published(dataset, job, run.datasets) and publish(dataset, run.id, passed):
        result.outcome = Outcome.PUBLISHED
    else:
        branch.drop(dataset.lake, dataset.name, run.id)
        result.out_of_date()


def _passed(dataset: Dataset, job: Job, sealed: int, verdicts: Verdicts) -> int | None:
    """The newest snapshot of the branch of which every verdict says passed; what came after it was never gated."""
    said: dict[int, dict[str | None, str]] = {}
    for verdict in verdicts.of(dataset.name):
        if verdict.run == job.run and verdict.snapshot_id is not None:
            said.setdefault(verdict.snapshot_id, {})[verdict.source] = verdict.verdict
    chain = branch.ancestors(dataset.lake.table(dataset.name), sealed)
    for snapshot_id in chain[: chain.index(job.base)] if job.base in chain else ():
        if snapshot_id in said:
            return snapshot_id if set(said[snapshot_id].values()) == {PASSED} else None
    return None


def _reads_published(dataset: Dataset, job: Job, datasets: Sequence[Dataset]) -> bool:
    """Whether every version it was built from, of datasets of this run, has been published."""
    for read in datasets:
        if read.name in job.pins:
            # What has been superseded since was published once: its readers may go out and be planned again.
            table = read.lake.table(read.name)
            if job.pins[read.name].snapshot_id not in branch.ancestors(table, branch.head(table)):
                return False
    return True
