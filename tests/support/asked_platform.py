"""A platform that serves two days of activities, and a home that asks it, a few items at a time."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

from expectations.contract import CONTRACTS, Contract, read_contract
from infra.app.fetch import Fetched, fetch
from infra.lake.landing import Landing
from infra.lake.settings import ApiAccess, Settings
from infra.simulator.platforms.server import Server, token_file
from tests.support.platforms import write_day

SOURCE = "social_b"
FIRST, SECOND = date(2026, 3, 2), date(2026, 3, 3)


def write_two_days(folder: Path) -> Path:
    """Seven activities and five more."""
    write_day(folder, SOURCE, FIRST, activities(0, 7))
    write_day(folder, SOURCE, SECOND, activities(7, 5))
    return folder


def activities(first: int, count: int, kind: str = "view") -> list[bytes]:
    return [json.dumps({"activityId": f"act_{n}", "eventType": kind}).encode() for n in range(first, first + count)]


class AskedPlatform:
    """A platform that serves two days, and a home that asks it."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.server = server
        access = ApiAccess(url=f"{server.address}/{SOURCE}", token_file=token_file(folder))
        self.settings = Settings(home=folder / "home", api={SOURCE: access}, api_timeout_seconds=5)
        self.contract = small_pages()

    def fetch(self) -> Fetched:
        return fetch(self.settings, self.contract)

    def pages(self) -> list[tuple[str, list[str]]]:
        """Names of the landed pages and the activities on them, in the order of the names."""
        landed = sorted(Landing(self.settings).objects(SOURCE), key=lambda item: item.name)
        return [(item.name, _ids(Path(item.path))) for item in landed]

    def ids(self) -> list[str]:
        return [one for _, ids in self.pages() for one in ids]


def small_pages(limit: int = 3) -> Contract:
    contract = read_contract(CONTRACTS / "raw" / f"{SOURCE}.odcs.yaml")
    assert contract.source is not None
    assert contract.source.api is not None
    return replace(contract, source=replace(contract.source, api=replace(contract.source.api, limit=limit)))


def _ids(page: Path) -> list[str]:
    return [item["activityId"] for item in json.loads(page.read_bytes())["result"]["items"]]


def expected(count: int) -> list[str]:
    return [f"act_{n}" for n in range(count)]
