"""How long a block took."""

import time
from collections.abc import MutableMapping


class timed:  # noqa: N801 - used as a context manager
    """Adds the seconds of a block to those of a phase."""

    def __init__(self, seconds: MutableMapping[str, float], phase: str) -> None:
        self.seconds, self.phase, self.started = seconds, phase, time.monotonic()

    def __enter__(self) -> None:
        self.started = time.monotonic()

    def __exit__(self, *_: object) -> None:
        before = self.seconds.get(self.phase, 0.0)
        self.seconds[self.phase] = round(before + time.monotonic() - self.started, 3)
