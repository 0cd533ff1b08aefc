"""From a platform's interface to the landing store: its pages, as they were answered, one behind the other.

GET <address>/<resource>?cursor=  ─▶ landing/<source>/<sha256>/<number>-<cursor>.page.json

Where to go on stands in the last landed page and nowhere else. So a page is either landed, and what follows it is asked
for next, or it is not, and is asked for again: whatever dies in between leaves neither a gap nor a repetition.
"""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from expectations.contract import Contract
from infra.app.api_client import LONGEST_WAIT_SECONDS, RefusedError, UnreachableError
from infra.app.asker import PAGE_NAME, RESTART, AskedPage, Asker, NoPageError, Place, short, told
from infra.app.closed import Visit, minded
from infra.app.deadline import Deadline
from infra.app.schema_notice import tell_once
from infra.lake.known import Known
from infra.lake.landing import Landed, Landing
from infra.lake.locks import table_locks, try_table_lock
from infra.lake.settings import Settings

BY_HAND: Final = "restart"
"""A page with this in the place of its cursor was landed by somebody, to say where to go on."""


@dataclass(frozen=True)
class Fetched:
    """Pages that were landed, what was met on the way, and the notice of a change that came with the last of them."""

    pages: tuple[Landed, ...] = ()
    throttled: int = 0
    tried_again: int = 0
    notice: str | None = None


@dataclass
class Progress:
    """What a pull has landed so far."""

    landed: list[Landed] = field(default_factory=list)
    items: int = 0

    def add(self, page: Landed, items: int) -> None:
        """Take in a page."""
        self.landed.append(page)
        self.items += items

    @property
    def words(self) -> str:
        """The same for people."""
        if not self.landed:
            return "No page was landed."
        last = self.landed[-1].object.name
        return (
            f"Landed until then: {len(self.landed)} pages with {self.items} items, up to {last}; a pull goes on there."
        )


def fetch(settings: Settings, contract: Contract) -> Fetched:
    """Land what a platform has since the last landed page; asks for at most `api_pages_a_pull` pages.

    Nothing is fetched for a source that is not asked, or whose address is not set. Raises UnreachableError where
    asking later may help, RefusedError where not; the pages before it are landed, and said. A new notice is told to
    people.
    """
    source, deadline = contract.short_name, Deadline(settings.api_pull_seconds)
    asker = Asker.of(settings, contract, deadline=deadline)
    if asker is None:
        return Fetched()
    done = Progress()
    try:
        # Two that fetch at once would both land what follows the same page.
        locks = table_locks(settings, [_lock(contract)])
        with locks, minded(settings, source, LONGEST_WAIT_SECONDS) as visit, deadline, _folder(settings) as folder:
            if visit.on_trial:
                _ask_once(settings, contract)
            _land_pages(settings, contract, asker, Path(folder), visit, done)
    finally:
        tell_once(settings, source, asker.notice)
    return Fetched(tuple(done.landed), asker.throttled, asker.tried_again, asker.notice)


def _land_pages(
    settings: Settings, contract: Contract, asker: Asker, folder: Path, visit: Visit, done: Progress
) -> None:
    """Land page after page, the empty ones left out; an error says what was landed before it."""
    source, landing = contract.short_name, Landing(settings)
    objects = landing.objects(source)
    known = Known(objects)
    place = last_place(settings, contract)
    passed = _passed(item.name for item in objects)
    try:
        for page in asker.pages(place):
            visit.answered()
            passed.add(short(page.cursor))
            _refuse_circle(contract, page, passed)
            if page.items:
                file = folder / place.name
                file.write_bytes(page.body)
                done.add(landing.land(source, file, (), known), page.items)
                place = Place(place.number + 1, page.next)
            if asker.asked == settings.api_pages_a_pull:
                if page.more and not done.landed:
                    raise RefusedError(
                        f"{source}: {asker.asked} pages from {place.name} on are empty, and more is said to follow. "
                        f"The next pull begins at the same place: raise GUANXI_API_PAGES_A_PULL. {RESTART}"
                    )
                break
    except (UnreachableError, RefusedError) as error:
        error.args = (f"{error} {done.words}",)
        raise


def has_more(settings: Settings, contract: Contract) -> str | None:
    """Name of the page that a platform could give now, None where it has nothing; asks for one item, once.

    Raises UnreachableError where the platform does not answer at once, and while its pages are fetched: two that ask
    at once would be throttled for each other's haste.
    """
    if Asker.of(settings, contract) is None:
        return None
    # Asking may take long, and a pull need not wait for that.
    with try_table_lock(settings, _lock(contract)) as is_free:
        if not is_free:
            raise UnreachableError(f"{contract.short_name}: its pages are being fetched. Ask when that is done.")
        place = last_place(settings, contract)
    with minded(settings, contract.short_name):
        return place.name if _ask_once(settings, contract, place) else None


def _ask_once(settings: Settings, contract: Contract, place: Place | None = None) -> int:
    """How many items, of one asked for, there are now; a single try, given up when it has not been told in time."""
    with Deadline(settings.api_timeout_seconds) as deadline:
        asker = Asker.of(settings, contract, tries=1, deadline=deadline)
        return asker.ask(place or last_place(settings, contract), limit=1).items if asker else 0


def last_place(settings: Settings, contract: Contract) -> Place:
    """Where to go on: behind the last landed page; raises RefusedError where that does not say it."""
    landing = Landing(settings)
    named = landing.names(contract.short_name)
    pages = ((found[1], name, sha256) for name, sha256 in named if (found := PAGE_NAME.fullmatch(name)))
    last = max(pages, default=None)
    if last is None:
        return Place(1, None)
    number, name, sha256 = last
    page = landing.file(contract.short_name, f"{sha256}/{name}")
    try:
        by_hand = f"-{BY_HAND}." in name
        behind, _ = told(contract, page.read_bytes(), str(page), may_be_empty=by_hand)
    except NoPageError as error:
        raise RefusedError(f"{error} Where to go on stands there and nowhere else. {RESTART}") from None
    return Place(int(number) + 1, behind or None)


def is_page_name(name: str) -> bool:
    """Whether an object is called as a fetched page is."""
    return PAGE_NAME.fullmatch(name) is not None


def _passed(names: Iterable[str]) -> set[str]:
    """What the cursors are called that pages were landed for, since somebody last said where to go on."""
    pages = [(found[1], found[2]) for name in names if (found := PAGE_NAME.fullmatch(name))]
    since = max((number for number, cursor in pages if cursor == BY_HAND), default="")
    return {cursor for number, cursor in pages if number >= since}


def _refuse_circle(contract: Contract, page: AskedPage, passed: set[str]) -> None:
    """A page that leads back would be landed again and again, an empty one be asked for."""
    if (page.items or page.more) and short(page.next) in passed:
        where = "itself" if page.next == page.cursor else "a page that was asked for before"
        raise RefusedError(
            f"{contract.short_name}: the page at cursor {short(page.cursor)} leads back to {where} "
            f"({short(page.next)}), so it is not landed. Ask the platform what its cursors mean. {RESTART}"
        )


def _lock(contract: Contract) -> str:
    return f"fetch.{contract.short_name}"


def _folder(settings: Settings) -> tempfile.TemporaryDirectory[str]:
    settings.work_dir.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(prefix="fetch-", dir=settings.work_dir)
