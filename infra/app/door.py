"""What stands before the door: objects that were refused, and those in the inboxes that still wait for something."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from expectations.contract import Contract
from infra.app.app import App
from infra.app.escaped import escaped
from infra.app.fetch import is_page_name
from infra.app.pull import MANIFEST_SUFFIX
from infra.app.set_aside import REASON_SUFFIX, reason_name
from infra.lake.landing import is_complete

LONGEST_REASON: Final = 2000
REFUSED, WAITS = "refused", "waits"


@dataclass(frozen=True)
class Outside:
    """One object that is not in: `refused` or `waits`, why, since when, and what to do; all text is escaped."""

    source: str
    name: str
    state: str
    reason: str
    since: datetime
    path: str
    remedy: str


def outside(app: App, sources: Iterable[str] = (), since: datetime | None = None) -> list[Outside]:
    """The objects before the door of some sources (of all if none is named), refused ones first, then by name."""
    found: list[Outside] = []
    for name in sources or app.datasets.sources:
        contract = app.source(name)
        found += sorted(_refused(app, contract), key=lambda one: one.name)
        found += sorted(_waiting(app, contract), key=lambda one: one.name)
    return [one for one in found if since is None or one.since >= since]


def _refused(app: App, contract: Contract) -> Iterator[Outside]:
    source = contract.short_name
    files = list((app.settings.refused_dir / source).glob("*"))
    reasons = [file for file in files if file.name.endswith(REASON_SUFFIX)]
    # A name may be too long to stand in that of its reason.
    named = {reason_name(file.name): file.name for file in files}
    landed = _landed(app, source) if reasons else {}
    for said in reasons:
        name, at = named.get(said.name, said.name.removesuffix(REASON_SUFFIX)), _modified(said)
        if at is not None:
            with said.open(errors="replace") as words:
                reason = words.read(LONGEST_REASON).strip()
            is_in = name in landed and landed[name] >= at
            kept = said.with_name(name)
            yield _outside(
                source,
                kept if os.path.lexists(kept) else said,
                name,
                REFUSED,
                at,
                (reason, _remedy(contract, name, is_in=is_in)),
            )


def _landed(app: App, source: str) -> dict[str, datetime]:
    """When something of each name was last received."""
    last: dict[str, datetime] = {}
    for item in app.landing.objects(source):
        last[item.name] = max(item.received_at, last.get(item.name, item.received_at))
    return last


def _outside(source: str, file: Path, name: str, state: str, since: datetime, said: tuple[str, str]) -> Outside:
    """One object; what its sender called it is escaped, as it may be anything."""
    reason, remedy = said
    # What a reason tells was escaped when it was written.
    words = escaped(reason, kept="\\")
    return Outside(source, escaped(name), state, words, since, escaped(str(file)), escaped(remedy))


def _remedy(contract: Contract, name: str, *, is_in: bool) -> str:
    pull = f"`guanxi pull {contract.short_name}`"
    if is_in:
        return "It was landed since: nothing is to be done, and these files may be deleted"
    if contract.source and contract.source.api and is_page_name(name):
        return f"Mend source.api or the format in {contract.path.name}, or ask the platform; then {pull}"
    return f"Have the sender deliver object and manifest again, then {pull}"


def _waiting(app: App, contract: Contract) -> Iterator[Outside]:
    source = contract.short_name
    for file in (app.settings.inbox_dir / source).glob("*"):
        found, since = _what_it_waits_for(contract, file), _modified(file)
        if found and since:
            yield _outside(source, file, file.name, WAITS, since, found)


def _what_it_waits_for(contract: Contract, file: Path) -> tuple[str, str] | None:
    """Why a file stays in its inbox, and what is to be done; None for what the next pull takes in."""
    if not is_complete(file.name):
        return "it is still being written", "If its sender is done, have it renamed to its final name"
    if file.name.endswith(MANIFEST_SUFFIX):
        has_object = os.path.lexists(file.with_name(file.name.removesuffix(MANIFEST_SUFFIX)))
        return None if has_object else ("its object has not come", "Have the sender deliver the object")
    needs_manifest = contract.source is not None and contract.source.manifest
    if needs_manifest and not os.path.lexists(file.with_name(file.name + MANIFEST_SUFFIX)):
        return "its manifest has not come", f"Have the sender deliver {file.name}{MANIFEST_SUFFIX}"
    return None


def _modified(file: Path) -> datetime | None:
    """When a file was written; None for what is no file, or is one no longer: a pull may be at work."""
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC) if file.is_file() and not file.is_symlink() else None
    except OSError:
        return None
