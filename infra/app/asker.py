"""Asks for the pages of one source as its contract says, and keeps count of what is met on the way."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from expectations.api_form import ApiForm
from expectations.contract import Contract
from infra.app.api_client import Answer, ApiClient, RefusedError, UnreachableError
from infra.app.deadline import Deadline
from infra.app.set_aside import keep, reason_name
from infra.lake.settings import Settings

BEGINNING: Final = "beginning"
LONGEST_CURSOR: Final = 80
PAGE_NAME: Final = re.compile(r"(\d{8})-(.+)\.page\.json")
KEPT_BYTES: Final = 1 << 20
"""Of an answer that is no page."""
FORGOTTEN: Final = frozenset({400, 404, 410})
RESTART: Final = "See 'Where a platform goes on' in docs/operations.md."


class NoPageError(UnreachableError):
    """An answer is no page as the contract describes it."""


@dataclass(frozen=True)
class Place:
    """Where the next page begins: its number, and the cursor to ask with, None at the beginning."""

    number: int
    cursor: str | None

    @property
    def name(self) -> str:
        """What the page that begins here is called."""
        return f"{self.number:08d}-{short(self.cursor)}.page.json"


@dataclass(frozen=True)
class AskedPage:
    """A page's bytes, how many items it has, the cursor it was asked with, and what it says of what follows."""

    body: bytes
    items: int
    cursor: str | None
    next: str
    more: bool


class Asker:
    """Asks one platform; `asked`, `throttled`, `tried_again` count, `notice` is the last one that came with a page."""

    def __init__(self, client: ApiClient, contract: Contract, form: ApiForm, refused: Path) -> None:
        self.client = client
        self.contract = contract
        self.form = form
        self.refused = refused
        self.asked = self.throttled = self.tried_again = 0
        self.notice: str | None = None

    @classmethod
    def of(
        cls, settings: Settings, contract: Contract, tries: int | None = None, deadline: Deadline | None = None
    ) -> "Asker | None":
        """The one for a source; None where it is not asked, or nothing says where."""
        form = contract.source.api if contract.source else None
        access = settings.api.get(contract.short_name)
        if form is None or access is None:
            return None
        client = ApiClient(contract.short_name, access, settings, tries, deadline)
        return cls(client, contract, form, settings.refused_dir / contract.short_name)

    def pages(self, place: Place) -> Iterator[AskedPage]:
        """The pages from a place on, until the platform has no more."""
        page = self.ask(place)
        yield page
        while page.more:
            place = Place(place.number + bool(page.items), page.next)
            page = self.ask(place)
            yield page

    def ask(self, place: Place, limit: int | None = None) -> AskedPage:
        """The page that begins at a place; raises NoPageError for an answer that is none, which is set aside."""
        from infra.app.kinds.record_format import count

        answer = self._answer(place.cursor, limit or self.form.limit)
        self.asked += 1
        self.throttled += answer.throttled
        self.tried_again += answer.tried_again
        self.notice = answer.notice or self.notice
        try:
            behind, more = told(self.contract, answer.body, f"{self.client.url}/{self.form.resource}")
        except NoPageError as error:
            digest = hashlib.sha256(answer.body).hexdigest()
            reason = f"{error} It has {len(answer.body)} bytes, SHA-256 {digest}."
            if limit is None:
                self._set_aside(place.name, answer.body, reason)
                reason += f" It is kept in {self.refused}: compare it with the contract, or ask the platform."
            raise NoPageError(reason) from None
        return AskedPage(answer.body, count(self.contract, answer.body), place.cursor, behind, more)

    def _answer(self, cursor: str | None, limit: int | None) -> Answer:
        query = {
            **({"cursor": cursor} if cursor is not None else {}),
            **({"limit": str(limit)} if limit else {}),
            **({"kinds": ",".join(self.form.kinds)} if self.form.kinds else {}),
        }
        try:
            return self.client.get(self.form.resource, query)
        except RefusedError as error:
            if cursor is None or error.status not in FORGOTTEN:
                raise
            words = f"It may have forgotten the cursor that the last landed page ends with. {RESTART}"
            raise RefusedError(f"{error} {words}", error.status) from None

    def _set_aside(self, name: str, body: bytes, reason: str) -> None:
        """Keep what was answered, the last one for each place: whoever mends the contract wants to see it."""
        keep(self.refused, name, body[:KEPT_BYTES])
        keep(self.refused, reason_name(name), f"{reason}\n".encode(errors="backslashreplace"))


def short(cursor: str | None) -> str:
    """What a cursor is called in names of pages; one that is no short plain name becomes one."""
    name = BEGINNING if cursor is None else quote(cursor, safe="")
    return hashlib.sha256(name.encode()).hexdigest() if len(name) > LONGEST_CURSOR else name


def told(contract: Contract, body: bytes, place: str, *, may_be_empty: bool = False) -> tuple[str, bool]:
    """The cursor of what follows a page, and whether anything does; raises NoPageError where it does not say."""
    from spark_jobs.functions.json_line import LineError
    from spark_jobs.functions.json_page import read_page

    form = contract.source.api if contract.source else None
    assert contract.source is not None and form is not None, "only sources that are asked have pages"  # noqa: S101, PT018
    try:
        page = read_page(body, str(contract.source.format["items"]))
    except LineError:
        raise NoPageError(f"{place}: the answer is no page as {contract.path} describes it.") from None
    behind, more = page.at(form.next), page.at(form.more)
    if not isinstance(behind, str) or not (behind or may_be_empty) or not isinstance(more, bool):
        rule = f"no text at {form.next} (nor may it be empty), or no true or false at {form.more} of the page"
        raise NoPageError(f"{place}: {rule}.")
    return str(behind), more
