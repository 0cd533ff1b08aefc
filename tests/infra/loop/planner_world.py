"""A world in memory that drives the real planner the way a run does, and notes what the model expects beside it.

Each table is a list of versions; a version's place in that list is its name. A version keeps its rows, the partitions
it wrote, and what it recorded of itself, so that `changed` comes from the history of writes as it does from Iceberg.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from infra.loop.plan import WHOLE, Grain, InputNow, Node, Partition, Pending, Plan, Recorded, Scope, Why, Window, plan
from tests.infra.loop.planner_histories import HORIZON, ROOTS, ChangeCode, Deliver, Expire, MoveFirstDay, Run, Step
from tests.infra.loop.planner_model import (
    THE_WHOLE,
    Dataset,
    Day,
    Rows,
    Situation,
    Standing,
    buildable,
    due,
    from_scratch,
    frontier_of,
)

DAY_ZERO = date(2024, 2, 25)


@dataclass(frozen=True)
class Version:
    """One version of a table; `built_with` is the code that really built each partition."""

    rows: Rows
    written: frozenset[Day] = frozenset()
    recorded: Recorded | None = None
    built_with: Mapping[Day, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """What a run did with one dataset, and what the model says was due and to be built."""

    dataset: Dataset
    plan: Plan
    built: set[Day]
    written: frozenset[Day]
    due: set[Day]
    expected: set[Day]


class World:
    """Roots, datasets in topological order, and all that has happened to them."""

    def __init__(self, datasets: Iterable[Dataset]) -> None:
        self.datasets = tuple(datasets)
        self.versions: dict[str, list[Version]] = {name: [Version({})] for name in ROOTS}
        self.versions |= {dataset.name: [] for dataset in self.datasets}
        self.code = {dataset.name: 0 for dataset in self.datasets}
        self.first_day = {dataset.name: 0 for dataset in self.datasets}
        self.standing = {dataset.name: Standing() for dataset in self.datasets}
        self.oldest_kept = dict.fromkeys(self.versions, 0)

    def play(self, steps: Iterable[Step]) -> list[list[Report]]:
        """Let the steps happen; returns the reports of each run."""
        runs: list[list[Report]] = []
        for step in steps:
            match step:
                case Deliver(root, rows):
                    self._deliver(root, rows)
                case ChangeCode(name):
                    self.code[name] += 1
                case MoveFirstDay(name, day):
                    self.first_day[name] = day
                case Expire(name):
                    self.oldest_kept[name] = max(0, len(self.versions[name]) - 1)
                case Run():
                    runs.append(self._run(step))
        return runs

    def tables(self) -> dict[str, Rows]:
        """The published rows of every derived dataset."""
        return {dataset.name: self.versions[dataset.name][-1].rows for dataset in self.datasets}

    def expected(self, codes: Mapping[str, Mapping[Day, int]] | None = None) -> dict[str, dict[Day, int]]:
        """The brute-force tables of the present roots: by the present code, unless told the code of each partition."""
        present = {name: dict.fromkeys(range(-1, HORIZON + 1), code) for name, code in self.code.items()}
        return from_scratch(self.datasets, self._root_rows(), self.first_day, codes or present)

    def built_with(self) -> dict[str, dict[Day, int]]:
        """The code of each partition as the model follows it."""
        return {name: dict(standing.built_with) for name, standing in self.standing.items()}

    def wanted(self, dataset: Dataset) -> set[Day]:
        """The partitions of one dataset that must exist now."""
        return dataset.wanted(self.first_day[dataset.name], frontier_of(self._root_rows()))

    def pending(self, dataset: Dataset) -> dict[Day, Why]:
        """What the newest version of one dataset owes."""
        recorded = self.versions[dataset.name][-1].recorded
        return {day_of(name): owed.why for name, owed in recorded.pending.items()} if recorded else {}

    def _root_rows(self) -> dict[str, Rows]:
        return {name: self.versions[name][-1].rows for name in ROOTS}

    def _deliver(self, root: str, rows: Rows) -> None:
        before = self.versions[root][-1].rows
        after = {day: value for day, value in {**before, **rows}.items() if value}
        self.versions[root].append(Version(after, _differing(before, after)))

    def _run(self, run: Run) -> list[Report]:
        reports: list[Report] = []
        skipped = set(run.unpublished)
        for dataset in self.datasets:
            if dataset.name in skipped or skipped & set(dataset.windows):
                skipped.add(dataset.name)
            else:
                reports.append(self._bring_level(dataset, run))
        return reports

    def _bring_level(self, dataset: Dataset, run: Run) -> Report:
        now, standing = self._situation(dataset, run), self.standing[dataset.name]
        versions = self.versions[dataset.name]
        found = plan(
            self._node(dataset),
            versions[-1].recorded if versions else None,
            {name: self._input_now(name, moved) for name, moved in now.moved.items()},
            _names(dataset, now.wanted),
            Scope(_iso(run.first), _iso(run.last), run.rebuild),
            _names(dataset, standing.held) if run.accept else frozenset(),
        )
        failing = {day for name, day in run.failing if name == dataset.name and not dataset.carries_state}
        if not found.is_level:
            versions.append(self._build(dataset, found, failing))
        days_due = due(dataset, standing, now)
        expected = buildable(dataset, days_due, now)
        standing.follow(now, days_due, expected, failing)
        built = {day_of(partition) for partition in found.build}
        written = frozenset[Day]() if found.is_level else versions[-1].written
        return Report(dataset, found, built, written, days_due, expected)

    def _situation(self, dataset: Dataset, run: Run) -> Situation:
        versions = self.versions[dataset.name]
        recorded = versions[-1].recorded if versions else None
        return Situation(
            wanted=self.wanted(dataset),
            moved={name: self._written_since(name, recorded) for name in dataset.windows},
            left={name: self.standing[name].stale for name in dataset.windows if name in self.standing},
            asked={THE_WHOLE} if dataset.is_whole else run.days(),
            code=self.code[dataset.name],
            rebuild=run.rebuild,
            accept=run.accept,
        )

    def _node(self, dataset: Dataset) -> Node:
        return Node(
            name=dataset.name,
            grain=Grain.WHOLE if dataset.is_whole else Grain.DAY,
            windows={name: Window(before, after) for name, (before, after) in dataset.windows.items()},
            code=str(self.code[dataset.name]),
            carries_state=dataset.carries_state,
        )

    def _input_now(self, name: str, moved: Collection[Day] | None) -> InputNow:
        newest = len(self.versions[name]) - 1
        recorded = self.versions[name][newest].recorded
        owed = recorded.pending.items() if recorded else ()
        return InputNow(
            version=str(newest),
            changed=None if moved is None else frozenset(iso(day) for day in moved),
            unready=frozenset(partition for partition, pending in owed if pending.why in (Why.RANGE, Why.WAITS)),
        )

    def _written_since(self, name: str, recorded: Recorded | None) -> frozenset[Day] | None:
        before = int(recorded.inputs[name]) if recorded else -1
        newest = len(self.versions[name]) - 1
        if before < newest and before < self.oldest_kept[name]:
            return None
        return frozenset(day for version in self.versions[name][before + 1 :] for day in version.written)

    def _build(self, dataset: Dataset, found: Plan, failing: set[Day]) -> Version:
        """Compute the planned partitions in order from the pinned inputs; a held one keeps its published rows."""
        inputs = {name: self.versions[name][-1].rows for name in dataset.windows}
        before = self.versions[dataset.name][-1] if self.versions[dataset.name] else Version({})
        rows, built_with, pending = dict(before.rows), dict(before.built_with), dict(found.pending)
        code = self.code[dataset.name]
        for partition in found.build:
            day = day_of(partition)
            if day in failing:
                pending[partition] = Pending(Why.HELD, "the gate")
            elif partition not in found.wanted:
                rows.pop(day, None)
                built_with.pop(day, None)
            else:
                rows[day] = dataset.content(day, code, inputs, rows)
                built_with[day] = code
        rows = {day: value for day, value in rows.items() if value}
        recorded = Recorded(
            inputs={name: str(len(self.versions[name]) - 1) for name in dataset.windows},
            code=str(code),
            had=found.wanted,
            pending=pending,
        )
        return Version(rows, _differing(before.rows, rows), recorded, built_with)


def unsound(world: World, dataset: Dataset, version: Version) -> set[Day]:
    """Partitions of one version that do not hold what their inputs, as recorded, make, and are not owed for it."""
    recorded = version.recorded
    assert recorded is not None
    inputs = {name: world.versions[name][int(place)].rows for name, place in recorded.inputs.items()}
    owed = {day_of(name): pending.why for name, pending in recorded.pending.items()}
    had = {day_of(name) for name in recorded.had}
    wrong = set(version.rows) - had
    for day in had - {day for day in owed if owed[day] is not Why.CODE}:
        code = version.built_with[day]
        if version.rows.get(day, 0) != dataset.content(day, code, inputs, version.rows):
            wrong.add(day)
        if (str(code) != recorded.code) != (day in owed):
            wrong.add(day)
    return wrong - {day for day in owed if owed[day] is not Why.CODE}


def iso(day: Day) -> Partition:
    """The name the planner knows a day by."""
    return (DAY_ZERO + timedelta(days=day)).isoformat()


def day_of(partition: Partition) -> Day:
    """The day behind a name of the planner."""
    return THE_WHOLE if partition == WHOLE else (date.fromisoformat(partition) - DAY_ZERO).days


def _iso(day: Day | None) -> Partition | None:
    return None if day is None else iso(day)


def _names(dataset: Dataset, days: Iterable[Day]) -> frozenset[Partition]:
    return frozenset(WHOLE if dataset.is_whole else iso(day) for day in days)


def _differing(before: Rows, after: Rows) -> frozenset[Day]:
    return frozenset(day for day in {*before, *after} if before.get(day) != after.get(day))
