"""Histories of a small warehouse: random datasets, and what may happen to them in any order."""

from dataclasses import dataclass

from hypothesis import strategies as st

from tests.infra.loop.planner_model import Dataset, Day, Rows

HORIZON = 9
ROOTS = ("raw.app", "raw.shop")
NAMES = tuple(f"features.f{place}" for place in range(6))


@dataclass(frozen=True)
class Deliver:
    """Days of a root get new content; zero empties a day."""

    root: str
    rows: Rows


@dataclass(frozen=True)
class ChangeCode:
    """A dataset gets new code."""

    name: str


@dataclass(frozen=True)
class MoveFirstDay:
    """A dataset begins on another day."""

    name: str
    day: Day


@dataclass(frozen=True)
class Expire:
    """All versions of a table but the newest are forgotten."""

    name: str


@dataclass(frozen=True)
class Run:
    """One run: what it was asked for, the partitions whose gate fails, and the datasets it does not come to publish."""

    first: Day | None = None
    last: Day | None = None
    rebuild: bool = False
    accept: bool = False
    failing: frozenset[tuple[str, Day]] = frozenset()
    unpublished: frozenset[str] = frozenset()

    def days(self) -> set[Day]:
        """The days asked for."""
        return set(range(0 if self.first is None else self.first, HORIZON + 1 if self.last is None else self.last + 1))


Step = Deliver | ChangeCode | MoveFirstDay | Expire | Run


@dataclass(frozen=True)
class History:
    """Datasets in topological order and the steps that happen to them."""

    datasets: tuple[Dataset, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Shape:
    """A dataset before it has a name: which of the tables before it are read and how, how coarse it is, its kind."""

    inputs: tuple[tuple[int, int | None, int], ...]
    modulus: int
    kind: str


# Strategies are made once, and draw little: making and drawing them costs more than playing a history.
DAYS = st.integers(0, HORIZON)
NEWS = st.dictionaries(DAYS, st.integers(0, 3), min_size=1, max_size=3)
INPUTS = st.tuples(st.integers(0, 5), st.sampled_from((0, 0, 1, 2, 3, None)), st.sampled_from((0, 0, 1, 2)))
SHAPES = st.builds(
    Shape,
    inputs=st.lists(INPUTS, min_size=1, max_size=3).map(tuple),
    modulus=st.sampled_from((2, 5, 7)),
    kind=st.sampled_from(("plain", "plain", "plain", "state", "whole")),
)
ASKED = st.sampled_from(((None, None), (None, None), (None, None), (2, None), (None, 5), (1, 4), (3, 3)))
FAILING = [
    frozenset((name, day) for day in days) for name in NAMES for days in (range(HORIZON + 1), (0, 1, 2), (2, 4, 5, 9))
]
KILLED = [frozenset(NAMES[place:]) for place in range(4)]
FAILED = [frozenset({name}) for name in NAMES[:4]]
RUNS = st.builds(
    lambda asked, *rest: Run(*asked, *rest),
    ASKED,
    st.sampled_from((False, False, False, True)),
    st.booleans(),
    st.sampled_from([*[frozenset[tuple[str, Day]]()] * 12, *FAILING]),
    st.sampled_from([*[frozenset[str]()] * 8, *KILLED, *FAILED]),
)
DELIVERIES = st.builds(Deliver, st.sampled_from(ROOTS), NEWS)
DATA_CHANGES = st.one_of(
    DELIVERIES,
    DELIVERIES,
    st.builds(MoveFirstDay, st.sampled_from(NAMES), st.integers(0, 4)),
    st.builds(Expire, st.sampled_from((*ROOTS, *NAMES))),
    RUNS,
)
ALL_CHANGES = st.one_of(DELIVERIES, st.builds(ChangeCode, st.sampled_from(NAMES)), DATA_CHANGES)
NEWEST = st.tuples(st.integers(0, HORIZON), st.integers(2, HORIZON))


def _rounds(changes: st.SearchStrategy[Step]) -> st.SearchStrategy[list[tuple[Step, Step, Run]]]:
    """Two changes and a run, a few times."""
    return st.lists(st.tuples(changes, changes, RUNS), min_size=2, max_size=6)


def _datasets(shapes: list[Shape]) -> tuple[Dataset, ...]:
    """Each dataset reads some of what comes before it; nothing reads a whole one."""
    readable, datasets = list(ROOTS), []
    for name, shape in zip(NAMES, shapes, strict=False):
        windows = {readable[place % len(readable)]: (before, after) for place, before, after in shape.inputs}
        datasets.append(Dataset(name, windows, shape.modulus, shape.kind == "whole", shape.kind == "state"))
        if shape.kind != "whole":
            readable.append(name)
    return tuple(datasets)


def _history(shapes: list[Shape], newest: tuple[Day, Day], run: Run, rounds: list[tuple[Step, Step, Run]]) -> History:
    """Both roots are delivered and a run is made first; steps about datasets that are not there do not happen."""
    datasets = _datasets(shapes)
    there = {*ROOTS, *(dataset.name for dataset in datasets)}
    steps: list[Step] = [
        Deliver(root, {day: 1 + day % 3 for day in range(last + 1)}) for root, last in zip(ROOTS, newest, strict=True)
    ]
    steps += [run, *(step for steps_of_round in rounds for step in steps_of_round)]
    return History(datasets, tuple(step for step in steps if isinstance(step, Deliver | Run) or step.name in there))


WAREHOUSES = st.lists(SHAPES, min_size=3, max_size=6)
HISTORIES = st.builds(_history, WAREHOUSES, NEWEST, RUNS, _rounds(ALL_CHANGES))
HISTORIES_WITHOUT_CODE_CHANGES = st.builds(_history, WAREHOUSES, NEWEST, RUNS, _rounds(DATA_CHANGES))
