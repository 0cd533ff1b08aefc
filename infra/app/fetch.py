"""From a platform's interface to the landing store: its pages, as they were answered, one behind the other.

GET <address>/<resource>?cursor=  ─▶ landing/<source>/<sha256>/<number>-<cursor>.page.json

Where to go on stands in the last landed page and nowhere else. So a page is either landed, and what follows it is asked
for next, or it is not, and is asked for again: whatever dies in between leaves neither a gap nor a repetition.
"""

import hashlib
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from expectations.api_form import ApiForm
from expectations.contract import Contract
from infra.app.api_client import Answer, ApiClient, UnreachableError
from infra.lake.landing import RECEIPT_SUFFIX, Known, Landed, Landing
from infra.lake.locks import table_locks, try_table_lock
from infra.lake.settings import Settings

PAGE_NAME: Final = re.compile(r"(\d{8})-.+\.page\.json")
BEGINNING: Final = "beginning"
LONGEST_CURSOR: Final = 80


@dataclass(frozen=True)
class Fetched:
    """Pages that were landed, what was met on the way, and the notice of a change that came with the last of them."""

    pages: tuple[Landed, ...] = ()
    throttled: int = 0
    tried_again: int = 0
    notice: str | None = None


@dataclass(frozen=True)
class Place:
    """Where the next page begins: its number, and the cursor to ask with, None at the beginning."""

    number: int
    cursor: str | None

    @property
    def name(self) -> str:
        """What the page that begins here is called; a cursor that is no short plain name becomes one."""
        cursor = BEGINNING if self.cursor is None else quote(self.cursor, safe="")
        if len(cursor) > LONGEST_CURSOR:
            cursor = hashlib.sha256(cursor.encode()).hexdigest()
        return f"{self.number:08d}-{cursor}.page.json"


@dataclass(frozen=True)
class AnsweredPage:
    """A page's bytes, how many items it has, and what it says of what follows."""

    answer: Answer
    items: int
    next: str
    more: bool


def fetch(settings: Settings, contract: Contract) -> Fetched:
    """Land what a platform has since the last landed page, at most `api_pages_a_pull` pages.

    Nothing is fetched for a source that is not asked, or whose address is not set. Raises UnreachableError where
    asking later may help, RefusedError where not; the pages before it are landed.
    """
    asker = Asker.of(settings, contract)
    if asker is None:
        return Fetched()
    source, landing = contract.short_name, Landing(settings)
    # Two that fetch at once would both land what follows the same page.
    with table_locks(settings, [_lock(contract)]), _folder(settings) as folder:
        known, landed, found = Known(landing.objects(source)), [], []
        place = last_place(settings, contract)
        for page in asker.pages(place):
            found.append(page.answer)
            if page.items:
                file = Path(folder) / place.name
                file.write_bytes(page.answer.body)
                landed.append(landing.land(source, file, (), known))
                place = Place(place.number + 1, page.next)
            if len(landed) == settings.api_pages_a_pull:
                break
    notices = [answer.notice for answer in found if answer.notice]
    throttled, tried_again = sum(a.throttled for a in found), sum(a.tried_again for a in found)
    return Fetched(tuple(landed), throttled, tried_again, notices[-1] if notices else None)


def has_more(settings: Settings, contract: Contract) -> str | None:
    """Name of the page that a platform could give now, None where it has nothing; asks for one item, twice at most.

    Raises UnreachableError where the platform does not answer, and while its pages are fetched: two that ask at once
    would be throttled for each other's haste.
    """
    asker = Asker.of(settings, contract, tries=2)
    if asker is None:
        return None
    with try_table_lock(settings, _lock(contract)) as is_free:
        if not is_free:
            raise UnreachableError(f"{contract.short_name}: its pages are being fetched. Ask when that is done.")
        place = last_place(settings, contract)
        return place.name if asker.ask(place.cursor, limit=1).items else None


def last_place(settings: Settings, contract: Contract) -> Place:
    """Where to go on: behind the last landed page; raises UnreachableError where that does not say it."""
    source = contract.short_name
    pages = [(receipt.name, receipt) for receipt in (settings.landing_dir / source).glob(f"*/*{RECEIPT_SUFFIX}")]
    last = max(((found[1], receipt) for name, receipt in pages if (found := PAGE_NAME.match(name))), default=None)
    if last is None:
        return Place(1, None)
    number, receipt = last
    page = receipt.with_name(receipt.name.removesuffix(RECEIPT_SUFFIX))
    return Place(int(number) + 1, _told(contract, page.read_bytes(), str(page))[0])


class Asker:
    """Asks for the pages of one source as its contract says."""

    def __init__(self, client: ApiClient, contract: Contract, form: ApiForm) -> None:
        self.client = client
        self.contract = contract
        self.form = form

    @classmethod
    def of(cls, settings: Settings, contract: Contract, tries: int | None = None) -> "Asker | None":
        """The one for a source; None where it is not asked, or nothing says where."""
        form = contract.source.api if contract.source else None
        access = settings.api.get(contract.short_name)
        if form is None or access is None:
            return None
        return cls(ApiClient(contract.short_name, access, settings, tries), contract, form)

    def pages(self, place: Place) -> Iterator[AnsweredPage]:
        """The pages from a place on, until the platform has no more."""
        page = self.ask(place.cursor)
        yield page
        while page.more:
            page = self.ask(page.next)
            yield page

    def ask(self, cursor: str | None, limit: int | None = None) -> AnsweredPage:
        """The page that begins at a cursor; raises UnreachableError for an answer that is none."""
        from infra.app.kinds.record_format import count

        size = limit or self.form.limit
        query = {
            **({"cursor": cursor} if cursor is not None else {}),
            **({"limit": str(size)} if size else {}),
            **({"kinds": ",".join(self.form.kinds)} if self.form.kinds else {}),
        }
        answer = self.client.get(self.form.resource, query)
        behind, more = _told(self.contract, answer.body, f"{self.client.url}/{self.form.resource}")
        return AnsweredPage(answer, count(self.contract, answer.body), behind, more)


def _told(contract: Contract, body: bytes, place: str) -> tuple[str, bool]:
    """The cursor of what follows a page, and whether anything does; raises UnreachableError where it does not say."""
    from spark_jobs.functions.json_line import LineError
    from spark_jobs.functions.json_page import read_page

    form = contract.source.api if contract.source else None
    assert contract.source is not None and form is not None, "only sources that are asked have pages"  # noqa: S101, PT018
    try:
        page = read_page(body, str(contract.source.format["items"]))
    except LineError:
        raise UnreachableError(f"{place}: the answer is no page as {contract.path} describes it.") from None
    behind, more = page.at(form.next), page.at(form.more)
    if not isinstance(behind, str) or not isinstance(more, bool):
        raise UnreachableError(f"{place}: no text at {form.next}, or no true or false at {form.more} of the page.")
    return str(behind), more


def _lock(contract: Contract) -> str:
    return f"fetch.{contract.short_name}"


def _folder(settings: Settings) -> tempfile.TemporaryDirectory[str]:
    settings.work_dir.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(prefix="fetch-", dir=settings.work_dir)
