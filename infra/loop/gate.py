"""The gate: a sealed branch goes on only with a verdict that names its snapshot; in doubt it stays shut."""

import time
from dataclasses import dataclass, replace

from infra.loop.build import held_about, seal
from infra.loop.dataset import Assessment, Check, Dataset, Job
from infra.loop.plan import Partition, Pending, Why
from infra.loop.verdict import ERROR, FAILED, PASSED, Verdict, Verdicts, verdict_key


@dataclass(frozen=True)
class Gated:
    """What came of the gate: the snapshot that may be published, or None; and the failures in words."""

    snapshot_id: int | None
    failures: tuple[str, ...] = ()
    crashed: bool = False


def gate(dataset: Dataset, job: Job, sealed: int, verdicts: Verdicts) -> Gated:
    """Assess a sealed branch, hold back what failed where that is allowed, and record the verdicts."""
    if not job.plan.build:
        return Gated(sealed)
    assessments = _assess(dataset, job, sealed, verdicts)
    failing = [assessment for assessment in assessments if not assessment.passed]
    if _crashed(failing):
        # A crash says nothing about the data: nothing goes out, nothing is held, the next run tries again.
        return Gated(None, _failures(failing), crashed=True)
    partial = [assessment.source for assessment in failing if assessment.source is not None]
    if not failing or len(partial) < len(failing):
        return Gated(None if failing else sealed, _failures(failing))
    return _publish_in_part(dataset, job, sealed, verdicts, failing)


def _publish_in_part(dataset: Dataset, job: Job, sealed: int, verdicts: Verdicts, failing: list[Assessment]) -> Gated:
    """Leave the failing sources' days as they are published, owe them, and gate the rest again."""
    partitions = frozenset(job.plan.build)
    held: dict[Partition, Pending] = dict(job.plan.pending)
    sources = frozenset().union(*(dataset.sharing_identity(str(assessment.source)) for assessment in failing))
    dataset.hold_back(job, sealed, sources)
    keys = {source: verdict_key(dataset, job.pins, partitions, source) for source in sources}
    held.update({partition: Pending(Why.HELD, held_about(keys)) for partition in partitions})
    resealed = seal(dataset, job, held)
    again = _assess(dataset, job, resealed, verdicts, without=sources)
    still_failing = [assessment for assessment in again if not assessment.passed]
    words = _failures(failing) + _failures(still_failing)
    return Gated(None if still_failing else resealed, words, _crashed(still_failing))


def _assess(
    dataset: Dataset, job: Job, snapshot_id: int, verdicts: Verdicts, without: frozenset[str] = frozenset()
) -> list[Assessment]:
    started = time.monotonic()
    exempt = verdicts.exempt(dataset, job.pins)
    for source in without:
        exempt[source] = frozenset(job.plan.build)
    try:
        assessed = dataset.assess(job, snapshot_id, exempt) or [Assessment(None, ())]
        assessments = [_unless_accepted(dataset, job, assessment, verdicts) for assessment in assessed]
    except Exception as error:  # noqa: BLE001 - whatever breaks inside a quality engine, the gate must stay shut
        crash = Check("quality engine ran to its end", None, "critical", passed=False, observed=_crash(error))
        assessments = [Assessment(None, (crash,))]
    seconds = time.monotonic() - started
    verdicts.record([_verdict(dataset, job, snapshot_id, assessment, seconds) for assessment in assessments])
    return assessments


def _unless_accepted(dataset: Dataset, job: Job, assessment: Assessment, verdicts: Verdicts) -> Assessment:
    """An assessment that passes if somebody let exactly these partitions pass by hand."""
    if assessment.passed or _crashed([assessment]) or not assessment.can_be_accepted:
        return assessment
    key = verdict_key(dataset, job.pins, frozenset(job.plan.build), assessment.source)
    if not verdicts.is_accepted(dataset.name, assessment.source, key):
        return assessment
    lowered = [replace(check, severity="warning") for check in assessment.checks]
    by_hand = Check("accepted by hand", None, "critical", passed=True, observed="see the verdict before")
    return Assessment(assessment.source, (*lowered, by_hand))


def _crash(error: Exception) -> str:
    # The type only: an engine's message may quote rows.
    return f"crashed with {type(error).__name__}"


def _crashed(assessments: list[Assessment]) -> bool:
    return any(check.observed.startswith("crashed with") for a in assessments for check in a.checks)


def _verdict(dataset: Dataset, job: Job, snapshot_id: int, assessment: Assessment, seconds: float) -> Verdict:
    partitions = frozenset(job.plan.build)
    outcome = PASSED if assessment.passed else ERROR if _crashed([assessment]) else FAILED
    return Verdict(
        dataset=dataset.name,
        source=assessment.source,
        partitions=tuple(sorted(partitions)),
        key=verdict_key(dataset, job.pins, partitions, assessment.source),
        verdict=outcome,
        run=job.run,
        snapshot_id=snapshot_id,
        checks=assessment.checks,
        seconds=round(seconds, 3),
    )


def _failures(assessments: list[Assessment]) -> tuple[str, ...]:
    return tuple(
        f"{assessment.source + ': ' if assessment.source else ''}{check.name} ({check.observed})"
        for assessment in assessments
        for check in assessment.checks
        if not check.passed and check.severity == "critical"
    )
