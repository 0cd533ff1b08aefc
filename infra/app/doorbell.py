"""Whether anything came for a source, to its inbox or its landing store: cheap enough to ask every second."""

from collections.abc import Iterator
from pathlib import Path

from infra.lake.landing import RECEIPT_SUFFIX, is_complete
from infra.lake.settings import Settings


def arrivals(settings: Settings, source: str) -> frozenset[str]:
    """Everything that has come for a source, named by file name and time of writing; no content is read.

    Landing keeps both, so an object that goes from the inbox to the landing store is no new arrival.
    """
    files = [*_landed(settings.landing_dir / source), *_delivered(settings.inbox_dir / source)]
    return frozenset(filter(None, map(_named, files)))


def _landed(folder: Path) -> Iterator[Path]:
    for receipt in folder.glob(f"*/*{RECEIPT_SUFFIX}"):
        yield receipt.with_name(receipt.name.removesuffix(RECEIPT_SUFFIX))


def _delivered(folder: Path) -> Iterator[Path]:
    # A manifest is an arrival too: it may be what an object waits for.
    return (file for file in folder.glob("*") if is_complete(file.name))


def _named(file: Path) -> str | None:
    try:
        return f"{file.stat().st_mtime_ns} {file.name}"
    except FileNotFoundError:  # it has just gone from the inbox to the landing store
        return None


def waits_in_inbox(settings: Settings, source: str) -> bool:
    """Whether anything that was delivered for a source has not been landed."""
    return any(True for _ in _delivered(settings.inbox_dir / source))
