"""From the lake to the planner and from the plan to a sealed branch."""

from collections.abc import Mapping

from infra.lake import branch, provenance
from infra.lake.provenance import Provenance
from infra.loop.dataset import Dataset, Job, Pin, Pins
from infra.loop.plan import Grain, InputNow, Partition, Pending, Plan, Recorded, Scope, Why, plan, shift
from infra.loop.verdict import Verdicts, verdict_key

LEFT_BEHIND = (Why.RANGE, Why.WAITS)
STAND_BEHIND = (Why.CODE, Why.HELD)


def plan_dataset(
    dataset: Dataset,
    pins: Pins,
    scope: Scope,
    verdicts: Verdicts,
    expected: dict[str, frozenset[Partition]] | None = None,
) -> Plan:
    """Ask the planner about one dataset at the pinned inputs.

    `expected` adds partitions of inputs that will move in the same run, for a forecast before anything is built.
    """
    published = dataset.published()
    recorded = None if published is None else _recorded(dataset, published)
    inputs = {name: _input_now(dataset, name, pins[name], recorded) for name in dataset.inputs}
    for name, partitions in (expected or {}).items():
        if name in inputs and partitions:
            known = inputs[name].changed
            changed = None if known is None else known | partitions
            inputs[name] = InputNow(inputs[name].version + "+", changed, inputs[name].unready)
    released = _released(dataset, pins, recorded, verdicts) if recorded else frozenset()
    return plan(dataset.node, recorded, inputs, dataset.wanted(pins), scope, released)


def pending_of(published: Provenance) -> dict[Partition, Pending]:
    """The ledger's pending partitions in the planner's terms."""
    return {
        partition: Pending(Why(reason.partition(":")[0]), reason.partition(":")[2])
        for partition, reason in published.pending.items()
    }


def _recorded(dataset: Dataset, published: Provenance) -> Recorded:
    return Recorded(published.inputs, published.code, dataset.had(published), pending_of(published))


def _input_now(dataset: Dataset, name: str, pin: Pin, recorded: Recorded | None) -> InputNow:
    before = recorded.inputs.get(name) if recorded else None
    changed: frozenset[Partition] | None = frozenset()
    if recorded is not None and before != pin.version:
        changed = dataset.changed(name, before, pin.version) if before else dataset.first_seen(name, pin.version)
    left = pending_of(pin.provenance) if pin.provenance else {}
    unready = frozenset(partition for partition, pending in left.items() if pending.why in LEFT_BEHIND)
    return InputNow(pin.version, changed, unready)


def _released(dataset: Dataset, pins: Pins, recorded: Recorded, verdicts: Verdicts) -> frozenset[Partition]:
    """Held partitions whose verdict no longer binds: their input moved, or somebody accepted them."""
    groups: dict[str, set[Partition]] = {}
    for partition, pending in recorded.pending.items():
        if pending.why is Why.HELD:
            groups.setdefault(pending.about, set()).add(partition)
    released: set[Partition] = set()
    for about, partitions in groups.items():
        for source, key in held_keys(about).items():
            moved = verdict_key(dataset, pins, frozenset(partitions), source) != key
            if moved or verdicts.is_accepted(dataset.name, source, key):
                released |= partitions
    return frozenset(released)


def held_about(keys: Mapping[str, str]) -> str:
    """Sources that are held and the keys of their verdicts, as the ledger writes them."""
    return ";".join(f"{source} {key}" for source, key in sorted(keys.items()))


def held_keys(about: str) -> dict[str, str]:
    """The keys of the verdicts that hold some days, by source."""
    pairs = (entry.partition(" ") for entry in about.split(";"))
    return {source: key for source, _, key in pairs}


def build_branch(dataset: Dataset, job: Job) -> int:
    """Write the planned partitions to the run's branch and seal it; returns the sealed snapshot's id."""
    branch.create(dataset.lake, dataset.name, job.branch)
    if job.plan.build:
        dataset.build(job)
    return seal(dataset, job, job.plan.pending)


def seal(dataset: Dataset, job: Job, left: Mapping[Partition, Pending]) -> int:
    """Close the branch with the provenance of what it holds; `left` are the partitions it still owes."""
    tip = branch.head(dataset.lake.table(dataset.name), job.branch)
    wanted = job.plan.wanted if dataset.node.grain is not Grain.OBJECT else frozenset()
    sealed = Provenance(
        inputs={name: job.pins[name].version for name in dataset.inputs},
        code=dataset.node.code,
        run=job.run,
        covers=(min(wanted), max(wanted)) if wanted else None,
        pending={partition: f"{why.why.value}:{why.about}" for partition, why in left.items()},
        complete_through=_complete_through(dataset, job, left, tip),
        event_days=dataset.event_days(job.pins, tip),
        built=job.plan.build,
        base=job.base,
    )
    return provenance.seal(dataset.lake, dataset.name, job.branch, sealed)


def job_of(dataset: Dataset, run: str) -> tuple[Job, int] | None:
    """The job whose sealed branch a run left, and the sealed snapshot's id; None where it left none.

    All that a later step needs stands in the seal, so that step may be another process. What anybody wrote to the
    branch after it was sealed is passed over.
    """
    table = dataset.lake.find(dataset.name)
    if table is None or run not in table.refs():
        return None
    for snapshot_id in branch.ancestors(table, branch.head(table, run)):
        found = provenance.read(table, snapshot_id)
        if found is not None:
            return None if found.run != run or found.base is None else (_job(dataset, found, found.base), snapshot_id)
    return None


def _job(dataset: Dataset, sealed: Provenance, base: int) -> Job:
    pins = {name: Pin(version, _said_by(dataset, name, version)) for name, version in sealed.inputs.items()}
    plan = Plan(dataset.name, {}, sealed.built, pending_of(sealed), dataset.had(sealed), {}, code_moved=False)
    return Job(plan, sealed.run, sealed.run, base, pins)


def _said_by(dataset: Dataset, name: str, version: str) -> Provenance | None:
    # The landing store is no table, and so has no dotted name.
    table = dataset.lake.find(name) if "." in name else None
    return None if table is None else provenance.read(table, int(version))


def _complete_through(dataset: Dataset, job: Job, left: Mapping[Partition, Pending], tip: int) -> str | None:
    """The inputs' bound, lowered to the day before the first day that is still owed or held."""
    bound = dataset.complete_through(job.pins, tip)
    published = dataset.published()
    stands = frozenset() if published is None else _standing(dataset, published)
    owed = [p for p, why in left.items() if dataset.covers_days and not (why.why in STAND_BEHIND and p in stands)]
    if bound is None or not owed or min(owed) > bound:
        return bound
    return shift(min(owed), -1)


def _standing(dataset: Dataset, published: Provenance) -> frozenset[Partition]:
    """Partitions of which a version is published that was complete in its time: not those held when they first came."""
    held = {p for p, why in pending_of(published).items() if why.why is Why.HELD}
    never_out = {p for p in held if p > (published.complete_through or "")}
    return dataset.had(published) - never_out
