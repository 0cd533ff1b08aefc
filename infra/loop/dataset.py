"""What the loop asks of a dataset: everything that differs between kinds of datasets is behind this interface."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from infra.lake import provenance
from infra.lake.catalog import Lake
from infra.lake.provenance import Provenance
from infra.loop.plan import Grain, Node, Partition, Plan


@dataclass(frozen=True)
class Pin:
    """The version of one input that this run reads, and what that version says of itself."""

    version: str
    provenance: Provenance | None = None

    @property
    def snapshot_id(self) -> int:
        """The version as a snapshot id; only tables have one."""
        return int(self.version)

    @property
    def is_fed(self) -> bool:
        """Whether anything was delivered that this version shows: it has days, or is whole."""
        return self.provenance is not None and (self.provenance.event_days or self.provenance.covers) is not None


Pins = Mapping[str, Pin]


@dataclass(frozen=True)
class Job:
    """One build: the plan, the branch to write to, the published version it starts from and the pinned inputs."""

    plan: Plan
    run: str
    branch: str
    base: int
    pins: Pins


@dataclass(frozen=True)
class Check:
    """One rule of the contract and what was seen: counts only, never a value of a personal column.

    `can_be_accepted` is False where there is nothing that somebody could let pass, such as rows that were never built.
    """

    name: str
    column: str | None
    severity: str
    passed: bool
    observed: str
    can_be_accepted: bool = True


@dataclass(frozen=True)
class Assessment:
    """The checks of a dataset's touched partitions, of one source's rows in them or (`source=None`) of all."""

    source: str | None
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether the gate opens: something was checked, and no critical rule is broken."""
        return bool(self.checks) and all(check.passed for check in self.checks if check.severity == "critical")

    @property
    def can_be_accepted(self) -> bool:
        """Whether somebody may let it pass by hand."""
        return all(check.passed or check.can_be_accepted for check in self.checks)


class Dataset(ABC):
    """One dataset: how it is planned, built and gated.

    `quality` is what a verdict depends on besides code and input (the rules themselves).
    """

    def __init__(self, lake: Lake, node: Node, quality: str) -> None:
        self.lake = lake
        self.node = node
        self.quality = quality

    @property
    def name(self) -> str:
        """The one name of contract, module, table, gate and page."""
        return self.node.name

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of what it reads."""
        return tuple(self.node.windows)

    @property
    def arrival_columns(self) -> tuple[str, ...]:
        """Columns that say when and how rows came in; they do not count as content."""
        return ()

    @property
    def built_by(self) -> str | None:
        """What can build several datasets at once, where there is such a thing."""
        return None

    @property
    def goes_on_without(self) -> bool:
        """Whether it may read the published version of an input whose new one is held: what that lacks comes later."""
        return False

    @abstractmethod
    def prepare(self) -> None:
        """Create the table, or add the columns its contract gained."""

    @abstractmethod
    def wanted(self, pins: Pins) -> frozenset[Partition]:
        """The partitions that must exist at the pinned inputs."""

    @abstractmethod
    def had(self, published: Provenance) -> frozenset[Partition]:
        """The partitions that the published version covers."""

    @abstractmethod
    def changed(self, name: str, before: str, now: str) -> frozenset[Partition] | None:
        """Partitions of input `name` that differ between two of its versions; None where history is gone."""

    def first_seen(self, name: str, now: str) -> frozenset[Partition]:
        """Partitions of an input that count as moved when it is read for the first time; by default its code tells."""
        return frozenset()

    @abstractmethod
    def input_fingerprint(self, pins: Pins, partitions: frozenset[Partition], source: str | None) -> str:
        """Name of the content of every input partition behind some output partitions (of one source, or of all)."""

    @abstractmethod
    def build(self, job: Job) -> None:
        """Write the planned partitions that came out different to the branch; all or nothing of each commit."""

    def built_together(self, builds: Sequence[tuple["Dataset", Job]]) -> AbstractContextManager[None]:
        """Do once what the builds of several datasets, itself among them, have in common.

        It holds while they are built. What went wrong must be found again by the build it concerns, and by no other.
        """
        return nullcontext()

    @abstractmethod
    def assess(self, job: Job, snapshot_id: int, exempt: Mapping[str | None, frozenset[Partition]]) -> list[Assessment]:
        """Run the contract's rules on what the sealed branch changed, leaving out partitions accepted by hand."""

    @abstractmethod
    def written(self, base: int, snapshot_id: int) -> frozenset[Partition]:
        """Partitions whose rows differ between the version a run started from and the one it gated."""

    def sharing_identity(self, source: str) -> frozenset[str]:
        """The sources whose events compete with those of one source, itself among them: held together or not at all."""
        return frozenset({source})

    def hold_back(self, job: Job, sealed: int, sources: frozenset[str]) -> None:
        """Make the branch hold what the sealed one did, less some sources' changes; for datasets published in part."""
        raise NotImplementedError(f"{self.name} is published whole")

    def event_days(self, pins: Pins, branch_head: int) -> tuple[str, str] | None:
        """First and newest event day, where this dataset is where event days first appear; else None."""
        return None

    def complete_through(self, pins: Pins, branch_head: int) -> str | None:
        """Last day of which no more input is expected: the least of what the inputs say."""
        bounds = [
            pin.provenance.complete_through if pin.provenance else None for pin in map(pins.__getitem__, self.inputs)
        ]
        return None if None in bounds else min(filter(None, bounds), default=None)

    def column_lineage(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        """For each column the input columns (dataset, column) it is made of, where that is known."""
        return {}

    def published(self) -> Provenance | None:
        """What the published version says of itself; None before the first publication."""
        return provenance.published(self.lake.find(self.name))

    @property
    def covers_days(self) -> bool:
        """Whether the partitions are days."""
        return self.node.grain is Grain.DAY


def in_groups(datasets: Sequence[Dataset]) -> Iterator[list[Dataset]]:
    """Datasets in their order, neighbours in one group where they are built alike and none reads another."""
    group: list[Dataset] = []
    for dataset in datasets:
        alike = bool(group) and group[-1].built_by == dataset.built_by
        if group and not (alike and {one.name for one in group}.isdisjoint(dataset.inputs)):
            yield group
            group = []
        group.append(dataset)
    if group:
        yield group
