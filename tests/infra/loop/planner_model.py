"""What every table must hold and every run must build, worked out the slow way.

Nothing of the pipeline is imported here. A day is a number, the content of a partition is a number, and zero means that
the partition has no rows. To know what one partition reads, the model looks at every day there is.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

Day = int
Rows = Mapping[Day, int]
THE_WHOLE: Day = 0


@dataclass(frozen=True)
class Dataset:
    """One derived dataset; `windows` gives for each input the days it reads before (None: all) and after its own."""

    name: str
    windows: Mapping[str, tuple[int | None, int]]
    modulus: int = 7
    is_whole: bool = False
    carries_state: bool = False

    def reads(self, name: str, day: Day, input_day: Day) -> bool:
        """Whether the output of one day depends on one day of an input."""
        before, after = self.windows[name]
        return self.is_whole or ((before is None or day - before <= input_day) and input_day <= day + after)

    def content(self, day: Day, code: int, inputs: Mapping[str, Rows], own: Rows) -> int:
        """What the partition of one day holds: some inputs differ and still give the same, as in life."""
        total = code
        for place, name in enumerate(sorted(self.windows)):
            for input_day, value in inputs[name].items():
                if self.reads(name, day, input_day):
                    total += value * (1 + place + 2 * abs(input_day - day))
        if self.carries_state:
            total += own.get(day - 1, 0) // 2
        return total % self.modulus

    def wanted(self, first_day: Day, frontier: Day) -> set[Day]:
        """The partitions that must exist: all days from the first to the frontier, or the whole."""
        return {THE_WHOLE} if self.is_whole else set(range(first_day, frontier + 1))


def frontier_of(roots: Mapping[str, Rows]) -> Day:
    """The newest day of any root, -1 before the first delivery."""
    return max((day for rows in roots.values() for day in rows), default=-1)


def from_scratch(
    datasets: Collection[Dataset],
    roots: Mapping[str, Rows],
    first_days: Mapping[str, Day],
    codes: Mapping[str, Mapping[Day, int]],
) -> dict[str, dict[Day, int]]:
    """Every derived table computed from nothing, each partition with the code it is said to have been built by."""
    tables: dict[str, Rows] = dict(roots)
    derived: dict[str, dict[Day, int]] = {}
    for dataset in datasets:
        rows: dict[Day, int] = {}
        for day in sorted(dataset.wanted(first_days[dataset.name], frontier_of(roots))):
            rows[day] = dataset.content(day, codes[dataset.name][day], tables, rows)
        derived[dataset.name] = {day: value for day, value in rows.items() if value}
        tables[dataset.name] = derived[dataset.name]
    return derived


@dataclass
class Standing:
    """What is known of the partitions of one dataset: which exist, are out of date, are held, and who built them."""

    exist: set[Day] = field(default_factory=set)
    stale: set[Day] = field(default_factory=set)
    held: set[Day] = field(default_factory=set)
    built_with: dict[Day, int] = field(default_factory=dict)
    newest_code: int = 0

    def follow(self, now: "Situation", days_due: set[Day], built: set[Day], failing: set[Day]) -> None:
        """After a publication: what was due and not built is stale, what failed its gate is held."""
        failed = built & failing
        self.exist = set(now.wanted)
        self.stale = days_due - built
        self.held = (self.held - days_due) | failed
        self.built_with |= dict.fromkeys(built - failed, now.code)
        self.built_with = {day: code for day, code in self.built_with.items() if day in now.wanted}
        self.newest_code = now.code


@dataclass(frozen=True)
class Situation:
    """What one run finds: of each input the days that moved (None: nobody knows) and that were left; the days asked."""

    wanted: set[Day]
    moved: Mapping[str, Collection[Day] | None]
    left: Mapping[str, Collection[Day]]
    asked: Collection[Day]
    code: int = 0
    rebuild: bool = False
    accept: bool = False


def due(dataset: Dataset, standing: Standing, now: Situation) -> set[Day]:
    """The partitions that may differ from what they would be if built now by the code that built them."""
    found = (standing.exist ^ now.wanted) | standing.stale
    if now.accept or now.code != standing.newest_code:
        found |= standing.held
    if now.rebuild:
        found |= now.wanted & set(now.asked)
    for name, moved in now.moved.items():
        for day in now.wanted:
            if moved is None or any(dataset.reads(name, day, input_day) for input_day in moved):
                found.add(day)
    if dataset.carries_state:
        found |= {day for day in now.wanted if any(earlier < day for earlier in found)}
    return found


def buildable(dataset: Dataset, days: set[Day], now: Situation) -> set[Day]:
    """Those due partitions that were asked for and rest on nothing that was itself left."""
    built: set[Day] = set()
    for day in sorted(days):
        waits = any(dataset.reads(name, day, input_day) for name, left in now.left.items() for input_day in left)
        gap = dataset.carries_state and any(earlier < day and earlier not in built for earlier in days)
        if day in now.asked and not waits and not gap:
            built.add(day)
    return built
