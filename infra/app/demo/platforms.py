"""The platforms of the demo: a made-up world written to files, dropped into inboxes and answered for over HTTP.

home/world/             what `guanxi simulate` would write: deliveries, streams of the interfaces, the ledger
home/inbox/<source>/    what is dropped there day by day
"""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import httpx
import pyarrow.dataset as ds

from expectations.api_form import ApiForm
from expectations.contract import Contract
from infra.app.pull import MANIFEST_SUFFIX
from infra.lake.settings import ApiAccess, Settings
from infra.simulator.platforms.day_file import day_file
from infra.simulator.platforms.dial import Dial
from infra.simulator.platforms.envelopes import ENVELOPES
from infra.simulator.platforms.server import serving, token_file
from infra.simulator.simulate import simulate
from infra.simulator.wire.dirt import LEVELS
from infra.simulator.world.world import Setting

PEOPLE: Final = 3_000
FIRST_DAY: Final = date(2026, 3, 2)
LEFT_OUT: Final = frozenset({"shop_community", "payment_settlements"})
"""Second feeds of platforms that deliver already: each would cost runs of its own and show nothing new."""
DAYS: Final = [FIRST_DAY + timedelta(days=offset) for offset in range(4)]
DIRT: Final = "normal"
FAULTS: Final = Dial(server_errors=0.25, resets=0.1, requests_a_minute=240, burst=20)


@dataclass(frozen=True)
class Platforms:
    """A written world, and the address under which its interfaces answer."""

    folder: Path
    address: str

    def settings(self, settings: Settings) -> Settings:
        """Settings with which the interfaces are asked."""
        token = token_file(self.folder)
        access = {name: ApiAccess(url=f"{self.address}/{name}", token_file=token) for name in self.asked}
        return settings.model_copy(update={"api": access})

    @property
    def asked(self) -> list[str]:
        """The platforms that are asked."""
        return sorted(folder.name for folder in (self.folder / "api").iterdir() if folder.is_dir())

    @property
    def arrival_days(self) -> list[date]:
        """Days on which anything arrives; late records come after the last day of the world."""
        names = {file.stem for file in (self.folder / "api").glob("*/*.jsonl")}
        return sorted(map(date.fromisoformat, names | {f.name for f in (self.folder / "deliveries").iterdir()}))

    def release(self, day: date) -> None:
        """Let the interfaces tell what became known up to a day."""
        headers = {"Authorization": f"Bearer {token_file(self.folder).read_text().strip()}"}
        httpx.post(f"{self.address}/control", json={"through": day.isoformat()}, headers=headers).raise_for_status()

    def drop(self, day: date, sources: Sequence[str], inboxes: Path) -> list[str]:
        """Move what is dropped on a day into the inboxes, manifests first; returns the objects' names."""
        found = [
            file
            for source in sources
            for file in (self.folder / "deliveries" / day.isoformat() / source).glob("*")
            if file.is_file()
        ]
        for file in sorted(found, key=lambda file: (not file.name.endswith(MANIFEST_SUFFIX), file.name)):
            inbox = inboxes / file.parent.name
            inbox.mkdir(parents=True, exist_ok=True)
            os.replace(file, inbox / file.name)
        return sorted(f"{file.parent.name}/{file.name}" for file in found if not file.name.endswith(MANIFEST_SUFFIX))

    def told(self, contracts: Mapping[str, Contract]) -> dict[str, Counter[str]]:
        """How many records of each source should come to which end, by the ledger that no pipeline reads."""
        asked = {name: set(self._served(name, contract)) for name, contract in contracts.items() if _api(contract)}
        told: dict[str, Counter[str]] = {source: Counter() for source in contracts}
        columns = ["source", "object", "line", "verdict"]
        for row in ds.dataset(self.folder / "truth" / "ledger").to_table(columns=columns).to_pylist():
            source = row["source"]
            if source in told and (source not in asked or (row["object"], row["line"]) in asked[source]):
                told[source][row["verdict"]] += 1
        return told

    def _served(self, source: str, contract: Contract) -> Iterator[tuple[str, int]]:
        """The lines of a stream that are of the kinds that are asked for."""
        form = _api(contract)
        kinds = frozenset(form.kinds) if form else None
        for path in (self.folder / "api" / source).glob("*.jsonl"):
            lines = day_file(path, ENVELOPES[source].kind_key)
            yield from ((path.name, int(row) + 1) for row in lines.rows(0, len(lines), kinds))


@contextmanager
def answering(folder: Path, dirt: str = DIRT) -> Iterator[Platforms]:
    """Write the world and answer for its platforms as long as the context lasts; nothing is told before a release.

    `dirt` is one of the simulator's levels.
    """
    simulate(Setting(PEOPLE, FIRST_DAY), len(DAYS), LEVELS[dirt], folder)
    with serving(folder, through=FIRST_DAY - timedelta(days=1), dial=FAULTS) as server:
        yield Platforms(folder, server.address)


def _api(contract: Contract) -> ApiForm | None:
    return contract.source.api if contract.source else None
