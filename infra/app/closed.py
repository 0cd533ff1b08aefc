"""Platforms that asked to be left alone for longer than a pull waits: until then nobody asks them, pull or doorbell.

work/closed/<source>   seconds since the epoch up to which; may be deleted to ask at once
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from infra.app.api_client import UnreachableError
from infra.lake.settings import Settings

LONGEST_SECONDS: Final = 86_400
"""Whoever asks for more is asked again after a day."""


@contextmanager
def minded(settings: Settings, source: str) -> Iterator[None]:
    """Ask a platform within this: raises UnreachableError while it wants to be left alone, and minds what it says."""
    _require_open(settings, source)
    try:
        yield
    except UnreachableError as error:
        if error.seconds:
            _close(settings, source, error.seconds)
        raise


def _close(settings: Settings, source: str, seconds: float) -> None:
    file = settings.work_dir / "closed" / source
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(str(time.time() + min(seconds, LONGEST_SECONDS)))


def _require_open(settings: Settings, source: str) -> None:
    file = settings.work_dir / "closed" / source
    try:
        left = float(file.read_text()) - time.time()
    except (FileNotFoundError, ValueError):
        return
    if 0 < left <= LONGEST_SECONDS:
        raise UnreachableError(
            f"{source}: its platform wants to be left alone for {left:.0f} s more. "
            f"Pull again after that time, or delete {file} to ask at once."
        )
