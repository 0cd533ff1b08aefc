"""Platforms that asked to be left alone when nobody could wait: until then nobody asks them, pull or doorbell.

Whoever comes back before the time it was told is refused for longer, whichever process of ours that is.

work/closed/<source>   seconds since the epoch up to which; may be deleted to ask at once
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep, time
from typing import Final

from infra.app.api_client import UnreachableError
from infra.lake.settings import Settings

LONGEST_SECONDS: Final = 86_400
"""Whoever asks for more is asked again after a day."""


@contextmanager
def minded(settings: Settings, source: str, patience_seconds: float = 0) -> Iterator[None]:
    """Ask a platform within this: waits while it wants to be left alone, and minds what it says.

    Raises UnreachableError where that takes longer than `patience_seconds`.
    """
    _wait_until_open(settings, source, patience_seconds)
    try:
        yield
    except UnreachableError as error:
        if error.seconds:
            _close(settings, source, error.seconds)
        raise


def _close(settings: Settings, source: str, seconds: float) -> None:
    file = settings.work_dir / "closed" / source
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(str(time() + min(seconds, LONGEST_SECONDS)))


def _wait_until_open(settings: Settings, source: str, patience_seconds: float) -> None:
    file = settings.work_dir / "closed" / source
    try:
        left = float(file.read_text()) - time()
    except (FileNotFoundError, ValueError):
        return
    if patience_seconds < left <= LONGEST_SECONDS:
        raise UnreachableError(
            f"{source}: its platform wants to be left alone for {left:.0f} s more. "
            f"Pull again after that time, or delete {file} to ask at once."
        )
    sleep(max(0, min(left, patience_seconds)))
