"""A feed: one stream of one platform, in its own names, units and times.

feeds/<name>.py   one feed each, found by its file
"""

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import date
from typing import ClassVar

import msgspec

from infra.simulator.wire import feeds
from infra.simulator.wire.damages import Damage
from infra.simulator.wire.forms import Form, JsonObjects
from infra.simulator.wire.naming import Called
from infra.simulator.wire.record import Content, Record, Revised
from infra.simulator.world.day import Day
from infra.simulator.world.world import World


class Feed(ABC):
    """What one platform says of the world, and how it writes it.

    `name` is that of the source it is delivered as, `form` how it is handed over. `damages` are the ways in which a
    line goes wrong, by the reason that its reader should give, `once_a_day` those that no day has two of. From the day
    `evolves_on` (None: never) it writes a newer schema, if it has one.
    """

    name: ClassVar[str]
    form: ClassVar[Form] = JsonObjects()
    damages: ClassVar[Mapping[str, Damage]] = {}
    once_a_day: ClassVar[Mapping[str, Damage]] = {}

    def __init__(self, world: World, evolves_on: date | None = None) -> None:
        self.world = world
        self.evolves_on = evolves_on

    @abstractmethod
    def records(self, day: Day) -> list[Record]:
        """What it says of a day, in the order of time."""

    def write(self, content: Content) -> bytes:
        """One record as a line without its end."""
        # Three times as fast as json, which is most of the time it takes to write a day down.
        return msgspec.json.encode(content)

    def head(self, day: date) -> bytes:
        """The header over what it writes on a day; empty where its form has none."""
        return b""

    def has_evolved(self, day: date) -> bool:
        """Whether what it writes on a day has the newer schema."""
        return self.evolves_on is not None and day >= self.evolves_on

    def revised(self, record: Record) -> Revised | None:
        """A record that is told wrongly at first and put right later; None where that cannot happen."""
        return None

    def contradicted(self, record: Record) -> Record | None:
        """The same record with other content and no word on which counts; None where that cannot happen."""
        return None

    def names(self) -> Iterable[Called]:
        """Truth: what it calls people and things that are there from the first day on."""
        return ()

    def names_of(self, day: Day) -> Iterable[Called]:
        """Truth: what it calls things that come up on a day."""
        return ()

    @abstractmethod
    def lost(self, record: Record, number: int) -> Content:
        """The content of a record that stands nowhere else, to be damaged."""


def find_feeds() -> list[type[Feed]]:
    """Every feed that has a file, by name."""
    found = []
    for module in pkgutil.iter_modules(feeds.__path__, f"{feeds.__name__}."):
        content = vars(importlib.import_module(module.name)).values()
        found += [one for one in content if _is_feed(one) and one.__module__ == module.name]
    return sorted(found, key=lambda kind: kind.name)


def _is_feed(one: object) -> bool:
    return isinstance(one, type) and issubclass(one, Feed) and hasattr(one, "name")
