"""Whether anything came for a source, to its inbox or its landing store: cheap enough to ask every second.

A platform that is asked brings nothing by itself: whether it has more is asked too, by a cheap request now and then.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from expectations.contract import CONTRACTS, SUFFIX, Contract, read_contract
from infra.app.api_client import RefusedError, UnreachableError
from infra.app.asker import PAGE_NAME
from infra.app.fetch import has_more
from infra.lake.landing import is_complete
from infra.lake.object_store import StoreError
from infra.lake.receipt import RECEIPT_SUFFIX
from infra.lake.settings import Settings


def arrivals(settings: Settings, source: str) -> frozenset[str]:
    """Everything that has come for a source, named by file name and time of writing; no content is read.

    Landing keeps both, so an object that goes from the inbox to the landing store is no new arrival. Nor is a page:
    whoever landed it registers it.
    """
    # A bucket is not listed every second: what comes to it is announced, or found by the sweep.
    landed = [settings.rung_dir / source] if settings.landing_url else _landed(settings.landing_dir / source)
    files = [*landed, *_delivered(settings.inbox_dir / source)]
    return frozenset(filter(None, map(_named, files)))


def offers(settings: Settings, source: str) -> frozenset[str] | None:
    """The page that a source's platform could give now, by its name; None where it cannot be told just now.

    A platform that refuses to answer has something too: the error that a pull makes of it.
    """
    file = CONTRACTS / "raw" / f"{source}{SUFFIX}"
    try:
        page = has_more(settings, _contract(file, file.stat().st_mtime_ns))
    except (UnreachableError, StoreError):
        return None
    except RefusedError as error:
        return frozenset({str(error)})
    return frozenset({page} if page else ())


# A file that was changed is another one.
@lru_cache
def _contract(file: Path, changed_ns: int) -> Contract:
    return read_contract(file)


def _landed(folder: Path) -> Iterator[Path]:
    for receipt in folder.glob(f"*/*{RECEIPT_SUFFIX}"):
        if not PAGE_NAME.match(receipt.name):
            yield receipt.with_name(receipt.name.removesuffix(RECEIPT_SUFFIX))


def _delivered(folder: Path) -> Iterator[Path]:
    # A manifest is an arrival too: it may be what an object waits for.
    return (file for file in folder.glob("*") if is_complete(file.name))


def _named(file: Path) -> str | None:
    try:
        # Of a link itself: what it leads to is nobody's delivery, and may be itself.
        return f"{file.lstat().st_mtime_ns} {file.name}"
    except FileNotFoundError:  # it has just gone from the inbox to the landing store, or nothing ever rang
        return None
