"""The landing watcher: rings when something comes to the inbox or the landing store of a source.

It only rings. What to do is found out by comparing histories, so a ring that is lost, doubled or merged with another
costs at most the time until the next sweep.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from infra.app.doorbell import arrivals
from infra.lake.settings import Settings


class LandingWatcher(BaseEventTrigger):
    """Looks for arrivals of one source every `seconds`; what came while nobody looked rings at the start."""

    def __init__(self, source: str, seconds: float) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.source = source
        self.seconds = seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """How the triggerer makes it anew."""
        return "dags.watcher.LandingWatcher", {"source": self.source, "seconds": self.seconds}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Ring when something has come, and once at the start if anything ever has."""
        seen: frozenset[str] = frozenset()
        while True:
            now = await asyncio.to_thread(arrivals, Settings(), self.source)
            if new := now - seen:
                yield TriggerEvent({"source": self.source, "arrived": len(new)})  # type: ignore[no-untyped-call]
            seen = now
            await asyncio.sleep(self.seconds)
