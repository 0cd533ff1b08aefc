"""A limit on requests: a token bucket that holds it against a client if it does not wait as long as it was told."""

import math
from collections.abc import Callable

from infra.simulator.platforms.dial import Dial

Clock = Callable[[], float]


class RateLimit:
    """One bucket, full at first; it fills by the dial's requests a minute up to its burst.

    Whoever asks again before the time it was told waits twice as long from then on, up to the cap. Whoever waits is
    served, and nothing is held against it any more.
    """

    def __init__(self, dial: Dial, clock: Clock) -> None:
        self._rate = (dial.requests_a_minute or 0) / 60
        self._burst = float(dial.burst or max(1, math.floor(self._rate * 60)))
        self._longest_seconds = dial.longest_wait_seconds
        self._clock = clock
        self._allowed = self._burst
        self._filled_at = clock()
        self._refused_until = -math.inf
        self._wait_seconds = 0

    def wait_seconds(self) -> int:
        """Take a request: 0 where it is allowed, else the whole seconds to wait for the next try."""
        if not self._rate:
            return 0
        now = self._clock()
        self._allowed = min(self._burst, self._allowed + (now - self._filled_at) * self._rate)
        self._filled_at = now
        if now < self._refused_until:
            doubled = min(2 * self._wait_seconds, math.floor(self._longest_seconds))
            # The cap shortens no wait that the bucket needs to fill.
            return self._refuse(now, max(self._wait_seconds, doubled))
        # What is filled in many small parts may lack a rounding error of one request.
        if self._allowed >= 1 - 1e-9:
            self._allowed -= 1
            return 0
        return self._refuse(now, math.ceil((1 - self._allowed) / self._rate - 1e-9))

    def _refuse(self, now: float, wait_seconds: int) -> int:
        self._wait_seconds = wait_seconds
        self._refused_until = now + wait_seconds
        return wait_seconds
