"""The watchers of a source: one rings when something comes to its inbox or the landing store, one when its platform,
if it is asked, has something to answer.

They only ring. What to do is found out by comparing histories, so a ring that is lost, doubled or merged with another
costs at most the time until the next sweep.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from infra.app.doorbell import arrivals, offers
from infra.lake.settings import Settings


class LandingWatcher(BaseEventTrigger):
    """Looks for arrivals of one source every `seconds`; what came while nobody looked rings at the start."""

    def __init__(self, source: str, seconds: float) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.source = source
        self.seconds = seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """How the triggerer makes it anew."""
        return f"dags.watcher.{type(self).__name__}", {"source": self.source, "seconds": self.seconds}

    def look(self) -> frozenset[str] | None:
        """What there is now; whatever was not there before rings. None where it cannot be told."""
        return arrivals(Settings(), self.source)

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Ring when something has come, and once at the start if anything ever has."""
        seen: frozenset[str] = frozenset()
        while True:
            now = await asyncio.to_thread(self.look)
            if now is not None:
                if new := now - seen:
                    yield TriggerEvent({"source": self.source, "arrived": len(new)})  # type: ignore[no-untyped-call]
                seen = now
            await asyncio.sleep(self.seconds)


class PlatformWatcher(LandingWatcher):
    """Asks the platform of one source every `seconds` whether it has more; rings once for each page that begins."""

    def look(self) -> frozenset[str] | None:
        """The page that the platform could give now."""
        return offers(Settings(), self.source)
