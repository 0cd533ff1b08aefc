"""Small worlds, lived once for all tests that only look at them."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
import pytest

from infra.simulator.world.day import Column, Columns, Day, chosen
from infra.simulator.world.world import Setting, World

START = date(2026, 3, 2)


@dataclass(frozen=True)
class Lived:
    """A world after some days, and the days."""

    world: World
    days: tuple[Day, ...]

    def told(self, table: str) -> Columns:
        """A table over all days."""
        return _together([day.tables[table] for day in self.days if table in day.tables])

    def own_visits(self) -> Columns:
        """Visits over all days but those of hired accounts, row by row those of `decision`."""
        visits = self.told("visit")
        return chosen(visits, ~np.isin(visits["visit"], self.true("brushed_order")["visit"]))

    def customers(self) -> Iterator[tuple[Day, Column]]:
        """Each day, and who is a customer on it: whoever registered before it began."""
        is_customer = np.zeros(self.world.setting.people, np.bool_)
        is_customer[self.true("customer_before")["person"]] = True
        for day in self.days:
            yield day, is_customer.copy()
            is_customer[day.truth["invite_tree"]["person"]] = True

    def follows(self) -> Iterator[tuple[Day, Column, Column]]:
        """Each day, and who follows whom on it, after what began and ended: followers and whom they follow."""
        people = self.world.setting.people
        keys = np.zeros(0, np.int64)
        for day in self.days:
            told = [day.tables[name] for name in ("following", "follow", "unfollow")]
            standing, begun, ended = (rows["follower"].astype(np.int64) * people + rows["followed"] for rows in told)
            keys = np.setdiff1d(np.concatenate([keys, standing, begun]), ended, assume_unique=True)
            yield day, keys // people, keys % people

    def true(self, table: str) -> Columns:
        """A table of the truth over all days."""
        return _together([day.truth[table] for day in self.days if table in day.truth])


# As many as the tests of one file come back to; more would only take memory.
@lru_cache(maxsize=8)
def lived(people: int = 12_000, days: int = 8, seed: int = 7, planted: tuple[object, ...] = ()) -> Lived:
    """A world with something planted otherwise; the same one again if it is asked for again."""
    world = World(Setting(people, START, seed), *planted)
    return Lived(world, tuple(world.days(days)))


def digests(tables: Mapping[str, Columns]) -> dict[str, str]:
    """A hash of every table's bytes."""
    return {name: _digest(columns) for name, columns in tables.items()}


def _digest(columns: Columns) -> str:
    digest = hashlib.sha256()
    for name, column in sorted(columns.items()):
        digest.update(f"{name} {column.dtype} {column.shape}".encode() + np.ascontiguousarray(column).tobytes())
    return digest.hexdigest()


def _together(parts: Iterable[Columns]) -> Columns:
    found = list(parts)
    return {name: np.concatenate([part[name] for part in found]) for name in found[0]}


def shares(values: Column, kinds: int) -> Column:
    """How often each of the numbers 0..kinds-1 is among some values."""
    return np.bincount(values, minlength=kinds) / len(values)


@pytest.fixture(scope="session")
def ordinary() -> Lived:
    """The world as it is planted by default."""
    return lived()
