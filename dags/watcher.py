"""The landing watcher: rings when a source's landing store moves.

It only rings. What to do is found out by comparing histories, so a ring that is lost, doubled or merged with another
costs at most the time until the next sweep.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from infra.app.doorbell import NOTHING, listing_digest
from infra.lake.settings import Settings


class LandingWatcher(BaseEventTrigger):
    """Looks at the landing store of one source every `seconds`; what came while nobody looked rings at the start."""

    def __init__(self, source: str, seconds: float) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.source = source
        self.seconds = seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """How the triggerer makes it anew."""
        return "dags.watcher.LandingWatcher", {"source": self.source, "seconds": self.seconds}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Ring at each change, and once at the start if anything was ever delivered."""
        seen = NOTHING
        while True:
            now = await asyncio.to_thread(listing_digest, Settings(), self.source)
            if now != seen:
                seen = now
                yield TriggerEvent({"source": self.source, "listing": now})  # type: ignore[no-untyped-call]
            await asyncio.sleep(self.seconds)
