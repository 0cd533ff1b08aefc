"""Small streams of literal items, and a client of the simulated platforms that looks at bytes."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx

from infra.simulator.platforms.server import Server, token_file

DAYS = (date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 5))
KIND_KEYS = {"social_a": "kind", "social_b": "eventType"}
# Where a page's items begin and end.
AROUND = {"social_a": (b'{"data":[', b'],"paging":'), "social_b": (b'{"code":0,"result":{"items":[', b'],"nextCursor"')}


def items(source: str, day: date, count: int = 7) -> list[bytes]:
    """Items whose bytes would change if they were read and written again; every third one is a like."""
    key = KIND_KEYS[source]
    kinds = ["post", "follow", "like"]
    return [
        f'{{"{key}" : "{kinds[n % 3]}", "day":"{day}","n":{n}.0, "text":"中\\u4e2d\\/"}}'.encode() for n in range(count)
    ]


def write_day(folder: Path, source: str, day: date, lines: Sequence[bytes]) -> None:
    """Write what arrives on a day."""
    file = folder / "api" / source / f"{day}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"".join(line + b"\n" for line in lines))


def write_streams(folder: Path) -> Path:
    """Both platforms' streams of three days with a gap between them."""
    for source in KIND_KEYS:
        for day in DAYS:
            write_day(folder, source, day, items(source, day))
    return folder


@dataclass(frozen=True)
class PageRead:
    """A page as it was read: the bytes of its items with the commas between them."""

    items: bytes
    cursor: str
    has_more: bool
    response: httpx.Response


def bare_client(**options: Any) -> httpx.Client:
    """A client that brings no token; it reads no certificates, and waits for no answer forever."""
    return httpx.Client(verify=False, timeout=20.0, trust_env=False, **options)


class Client:
    """A client of one server, with its token."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.token = token_file(folder).read_text().strip()
        self.address = server.address
        headers = {"Authorization": f"Bearer {self.token}"}
        self.http = bare_client(base_url=server.address, headers=headers)

    def ask(self, source: str, **parameters: Any) -> httpx.Response:
        """One request for a page."""
        return self.http.get(f"/{source}/activities", params=parameters)

    def page(self, source: str, **parameters: Any) -> PageRead:
        """A page that must be one."""
        response = self.ask(source, **parameters)
        assert response.status_code == 200, response.text
        before, behind = AROUND[source]
        body = response.content
        end = body.rindex(behind)
        assert body.startswith(before)
        rest = json.loads(body[: len(before)] + body[end:])
        paging = rest["paging"] if source == "social_a" else rest["result"]
        names = ("next", "has_more") if source == "social_a" else ("nextCursor", "hasMore")
        return PageRead(body[len(before) : end], paging[names[0]], paging[names[1]], response)

    def pages(self, source: str, **parameters: Any) -> Iterator[PageRead]:
        """Page after page, until there are no more for now."""
        page = self.page(source, **parameters)
        yield page
        while page.has_more:
            page = self.page(source, **{**parameters, "cursor": page.cursor})
            yield page

    def control(self, **changes: Any) -> httpx.Response:
        """Set something, or with nothing to set ask."""
        return self.http.post("/control", json=changes) if changes else self.http.get("/control")

    def counts(self, source: str) -> dict[str, int]:
        """What was answered so far."""
        counts: dict[str, int] = self.control().json()["counts"][source]
        return counts


def joined(pages: Sequence[PageRead]) -> bytes:
    """The items of pages as if they were one."""
    return b",".join(page.items for page in pages if page.items)


def mode(path: Path) -> int:
    """Who may do what with a file."""
    return path.stat().st_mode & 0o777
