"""The world: people, what they do and do to each other, day after day.

phenomena/<name>.py   one phenomenon each, found by its file: what it needs, what it plants, what happens on a day
"""

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from graphlib import TopologicalSorter
from typing import Any, ClassVar, TypeVar, cast

import numpy as np

from infra.simulator.world import phenomena
from infra.simulator.world.day import Columns, Day
from infra.simulator.world.streams import Streams

VERSION = 4
"""Moves with every change of what the same seed gives, which a test holds; see docs/simulator.md."""
WARM_UP_DAYS = 5
"""Days lived before the first one that is told, so that what is passed on from day to day has begun."""


@dataclass(frozen=True)
class Setting:
    """Which world: the same setting gives the same world, day by day."""

    people: int
    start: date
    seed: int = 7


class Phenomenon(ABC):
    """One thing that goes on in the world; its attributes are its state, rolled forward day by day.

    `needs` are the phenomena whose state or tables of the day it reads: they are begun, and happen, before it.
    """

    needs: ClassVar[tuple[type["Phenomenon"], ...]] = ()

    def __init__(self, world: "World", dice: np.random.Generator) -> None:
        """Begin: the state before the first day."""
        self.world = world

    def given(self) -> Mapping[str, Columns]:
        """Truth that holds from the first day on, by table."""
        return {}

    @abstractmethod
    def happen(self, day: Day, dice: np.random.Generator) -> None:
        """Live one day: change the state, and add what happened to the day's tables and truth."""


P = TypeVar("P", bound=Phenomenon)
T = TypeVar("T")


class World:
    """One world at one moment; `planted` replaces what a phenomenon plants by default, by its type."""

    def __init__(self, setting: Setting, *planted: object) -> None:
        self.setting = setting
        self._planted: dict[type, Any] = {type(one): one for one in planted}
        streams = Streams(setting.seed)
        self._streams = streams
        self._phenomena: dict[type[Phenomenon], Phenomenon] = {}
        for kind in in_order(found()):
            self._phenomena[kind] = kind(self, streams.of(kind.__name__, "begin"))

    def planted(self, kind: type[T]) -> T:
        """What is planted of one kind."""
        return cast(T, self._planted.setdefault(kind, kind()))

    def __getitem__(self, kind: type[P]) -> P:
        """A phenomenon of this world."""
        return cast(P, self._phenomena[kind])

    def all_planted(self) -> dict[str, dict[str, Any]]:
        """Everything that is planted, by the name of its kind."""
        return {kind.__name__: asdict(one) for kind, one in self._planted.items()}

    def given(self) -> dict[str, Columns]:
        """The truth that holds from the first day on."""
        return {name: columns for one in self._phenomena.values() for name, columns in one.given().items()}

    def days(self, count: int) -> Iterator[Day]:
        """Live day after day and tell of `count` of them; each needs only the state the one before left."""
        for number in range(-WARM_UP_DAYS, count):
            day = Day(number, self.setting.start + timedelta(days=number))
            for kind, one in self._phenomena.items():
                one.happen(day, self._streams.of(kind.__name__, day.date))
            if number >= 0:
                yield day


def found() -> list[type[Phenomenon]]:
    """Every phenomenon that has a file."""
    kinds = []
    for module in pkgutil.iter_modules(phenomena.__path__, f"{phenomena.__name__}."):
        content = vars(importlib.import_module(module.name)).values()
        kinds += [one for one in content if _is_phenomenon(one) and one.__module__ == module.name]
    return kinds


def in_order(kinds: list[type[Phenomenon]]) -> list[type[Phenomenon]]:
    """Phenomena after those they need; the same order whatever order they are found in."""
    by_name = sorted(kinds, key=lambda kind: kind.__name__)
    return list(TopologicalSorter({kind: kind.needs for kind in by_name}).static_order())


def _is_phenomenon(one: object) -> bool:
    return isinstance(one, type) and issubclass(one, Phenomenon) and one is not Phenomenon
