"""A simulated world whose platforms have delivered to a home: dropped objects to inboxes, the others over HTTP."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
from pyspark.sql import SparkSession

from expectations.contract import find_contracts
from infra.app.app import App
from infra.app.pull import Pulled, pull
from infra.app.warehouse import query
from infra.lake.landing import Landing
from infra.lake.settings import ApiAccess
from infra.loop.result import Outcome
from infra.simulator.platforms.dial import Dial
from infra.simulator.platforms.envelopes import ENVELOPES
from infra.simulator.platforms.server import serving, token_file
from infra.simulator.simulate import simulate
from infra.simulator.wire.dirt import LEVELS
from infra.simulator.wire.feed import find_feeds
from infra.simulator.world.world import Setting
from tests.support.home import open_home

Row = dict[str, Any]
Place = tuple[str, int]
"""An object and a line in it."""
CONTRACTS_OF = {
    contract.short_name: contract.source
    for contract in find_contracts().values()
    if contract.source and contract.short_name in {feed.name for feed in find_feeds()}
}
SOURCES = tuple(CONTRACTS_OF)
ASKED = tuple(source for source, form in CONTRACTS_OF.items() if form.api)
DROPPED = tuple(source for source in SOURCES if source not in ASKED)
TARGETS = tuple(sorted({target for form in CONTRACTS_OF.values() for target in form.targets}))
FATES = ("good", "duplicate", "superseded", "conflict", "quarantined")
FAULTS = Dial(server_errors=0.1, resets=0.1)


@contextmanager
def platforms_of(folder: Path, dial: Dial | None = None) -> Iterator[dict[str, ApiAccess]]:
    """The interfaces of a world, answered for as long as the context lasts: settings by source."""
    with serving(folder, dial=dial) as server:
        sources = server.platforms.sources
        yield {name: ApiAccess(url=f"{server.address}/{name}", token_file=token_file(folder)) for name in sources}


def days_of(folder: Path) -> list[str]:
    """The days on which platforms drop something."""
    return sorted(day.name for day in (folder / "deliveries").iterdir())


def drop(folder: Path, day: str, app: App) -> None:
    """Move what the platforms dropped on a day into the inboxes of the sources that have a contract."""
    for file in (folder / "deliveries" / day).glob("*/*"):
        if file.parent.name in app.datasets.sources:
            inbox = app.settings.inbox_dir / file.parent.name
            inbox.mkdir(parents=True, exist_ok=True)
            file.rename(inbox / file.name)


def carried(folder: Path, spark: SparkSession, setting: Setting, days: int, level: str) -> "Simulated":
    """Write a world of a level of dirt, have all its platforms deliver, and carry that to the events."""
    simulate(setting, days, LEVELS[level], folder)
    with platforms_of(folder, FAULTS) as access:
        app = open_home(folder, spark, api=access)
        pulled: dict[str, list[Pulled]] = {source: [] for source in SOURCES}
        for day in days_of(folder):
            drop(folder, day, app)
            for source in DROPPED:
                pulled[source].append(pull(app, source))
        for source in ASKED:
            pulled[source].append(pull(app, source))
    results = app.run([*TARGETS, "marts.source_balance"])
    assert {result.outcome for result in results} <= {Outcome.PUBLISHED, Outcome.UNCHANGED}
    return Simulated(folder, app, pulled)


@dataclass
class Simulated:
    """A world's folder, the home that took it in, and what was pulled of each source, a day after another."""

    folder: Path
    app: App
    pulled: Mapping[str, Sequence[Pulled]] = field(default_factory=dict)

    @cached_property
    def ledger(self) -> dict[str, dict[Place, Row]]:
        """What should become of each record that was delivered or answered, by source and place."""
        told: dict[str, dict[Place, Row]] = {}
        for row in ds.dataset(self.folder / "truth" / "ledger").to_table().to_pylist():
            told.setdefault(row["source"], {})[row["object"], row["line"]] = row
        asked = {name: set(self._served(name)) for name in self._apis()}
        return {
            name: {place: row for place, row in rows.items() if name not in asked or place in asked[name]}
            for name, rows in told.items()
            if name in self.app.datasets.sources
        }

    @cached_property
    def object_ledger(self) -> dict[str, list[Row]]:
        """What should become of each object that was dropped, by source."""
        told: dict[str, list[Row]] = {}
        for row in ds.dataset(self.folder / "truth" / "object_ledger").to_table().to_pylist():
            told.setdefault(row["source"], []).append(row)
        return told

    def misjudged(self, source: str) -> dict[Place, tuple[Row | None, Row | None]]:
        """Records of which target, day or reason are not what the ledger says: what it says, and what was found."""
        told, found = self.ledger[source], self.by_place(source, self.rows(f"raw.{source}"))
        columns = ("target", "event_day", "reason")
        says = {place: {name: row[name] for name in columns} for place, row in told.items()}
        is_so = {place: {name: row[name] for name in columns} for place, row in found.items()}
        return {
            place: (says.get(place), is_so.get(place))
            for place in says.keys() | is_so.keys()
            if says.get(place) != is_so.get(place)
        }

    def misplaced(self, target: str) -> dict[str, tuple[list[str], list[str]]]:
        """Sources whose good events of a table are not those of the ledger, id by id: its ids, and those found."""
        rows = self.rows(target)
        wrong = {}
        for source in SOURCES:
            told = self.ledger.get(source, {})
            taken_in = self.by_place(source, [row for row in rows if row["source"] == source])
            good = sorted(row["id"] for row in told.values() if row["verdict"] == "good" and row["target"] == target)
            if (found := sorted(told[place]["id"] for place in taken_in)) != good:
                wrong[source] = (good, found)
        return wrong

    def fates(self) -> dict[str, tuple[int, ...]]:
        """Good, duplicate, superseded, conflicting and quarantined records of each source, as the ledger has them."""
        verdicts = {source: Counter(row["verdict"] for row in self.ledger[source].values()) for source in SOURCES}
        return {source: tuple(count[name] for name in FATES) for source, count in verdicts.items()}

    def balance(self) -> dict[str, tuple[int, ...]]:
        """The same by `marts.source_balance`; a source of which an object is not in balance is left out."""
        sql = """
            select source, sum(good), sum(duplicates), sum(superseded), sum(conflicts), sum(quarantined)
            from marts.source_balance group by source having bool_and(balanced)
        """
        return {source: tuple(map(int, rest)) for source, *rest in query(self.app.settings.warehouse_file, sql)[1]}

    def rows(self, name: str) -> list[Row]:
        """The rows of a table."""
        rows: list[Row] = self.app.lake.table(name).scan().to_arrow().to_pylist()
        return rows

    def places(self, source: str) -> Mapping[Place, Place]:
        """Where each taken-in record was delivered; items of pages stand on lines of the platform's stream."""
        pages = sorted(Landing(self.app.settings).objects(source), key=lambda item: item.name)
        if source not in self._apis():
            return {}
        path = str(self.app.datasets.sources[source].source.format["items"])  # type: ignore[union-attr]
        found = [(page.name, place) for page in pages for place in range(1, 1 + _length(Path(page.path), path))]
        return dict(zip(found, self._served(source), strict=True))

    def by_place(self, source: str, rows: Iterable[Row]) -> dict[Place, Row]:
        """Rows by where their records were delivered."""
        places = self.places(source)
        here = ((row["object_name"], row["position"]) for row in rows)
        return {places.get(place, place): row for place, row in zip(here, rows, strict=True)}

    def _apis(self) -> list[str]:
        return [name for name, contract in self.app.datasets.sources.items() if contract.source and contract.source.api]

    def _served(self, source: str) -> list[Place]:
        """The lines of a platform's stream that are of the kinds asked for, in the order they are served in."""
        form = self.app.datasets.sources[source].source
        kinds = {kind.encode() for kind in (form.api.kinds if form and form.api else ())}
        key = re.compile(rb'"%s"\s*:\s*"((?:[^"\\]|\\.)*)"' % ENVELOPES[source].kind_key.encode())
        return [
            (file.name, number)
            for file in sorted((self.folder / "api" / source).glob("*.jsonl"))
            for number, line in enumerate(file.read_bytes().splitlines(), start=1)
            if (found := key.search(line)) and found[1] in kinds
        ]


def _length(page: Path, path: str) -> int:
    """How many items a page has, told by a parser that shares nothing with the product's."""
    content = json.loads(page.read_bytes())
    for key in path.split("."):
        content = content[key]
    return len(content)
