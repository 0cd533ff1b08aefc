"""Platforms that are left alone, by pull and doorbell alike, whichever process of ours asks.

for as long as it said      one that throttles or sends away with Retry-After: who comes back sooner waits longer
for longer and longer       one that failed so many times in a row: what is down gets up no faster for being asked, and
                            each try holds a task; when the time is up one asks once, and the next only after an answer

work/closed/<source>   until when, how many failures in a row, and why; may be deleted to ask at once
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import sleep, time
from typing import Final

from infra.app.api_client import RefusedError, UnreachableError
from infra.app.errors import FinalError
from infra.app.notify import Notice, notifiers, notify
from infra.lake.locks import table_locks
from infra.lake.settings import Settings

LONGEST_SECONDS: Final = 86_400
"""Whoever asks for more is asked again after a day."""
LONGEST_WHY: Final = 500


class LeftAloneError(UnreachableError, FinalError):
    """A platform has failed so often that it is not asked for a while: trying again before that changes nothing."""


@dataclass(frozen=True)
class Rest:
    """Nobody asks before `until`, in seconds since the epoch; `told` is whether the platform itself said so."""

    until: float = 0
    failures: int = 0
    why: str = ""
    told: bool = False

    @property
    def until_utc(self) -> datetime:
        """The moment from which it is asked again."""
        return datetime.fromtimestamp(self.until, UTC)

    @property
    def left_seconds(self) -> float:
        """How long it still is; 0 where it is over, or further off than anything is put: then a clock was set."""
        left = self.until - time()
        return left if 0 < left <= LONGEST_SECONDS else 0


@dataclass
class Visit:
    """One time that a platform is asked; `on_trial` after a rest, so that one cheap question should come first."""

    settings: Settings
    source: str
    on_trial: bool
    failures: int = field(default=0)

    def answered(self) -> None:
        """Take in that the platform gave a page: failures count from here."""
        if self.failures:
            _file(self.settings, self.source).unlink(missing_ok=True)
        if self.on_trial:
            notify(Notice(f"{self.source} answers again", "It is asked as before."), notifiers(self.settings))
        self.failures, self.on_trial = 0, False


@contextmanager
def minded(settings: Settings, source: str, patience_seconds: float = 0) -> Iterator[Visit]:
    """Ask a platform within this: waits while it wants to be left alone, minds what it says, and counts its failures.

    Raises UnreachableError where waiting takes longer than `patience_seconds`, LeftAloneError while it rests because of
    its failures.
    """
    visit = _enter(settings, source, patience_seconds)
    try:
        yield visit
    except UnreachableError as error:
        _fail(visit, error)
        raise
    except RefusedError as error:
        if error.status:
            visit.answered()
        raise
    visit.answered()


def resting(settings: Settings, source: str) -> Rest | None:
    """How long a platform is left alone and why, None where it is not."""
    rest = _read(settings, source)
    return rest if rest.left_seconds else None


def _enter(settings: Settings, source: str, patience_seconds: float) -> Visit:
    rest = _read(settings, source)
    if rest.left_seconds > (patience_seconds if rest.told else 0):
        raise _refusal(settings, source, rest)
    if rest.left_seconds:
        sleep(rest.left_seconds)
    if rest.failures < settings.api_failures:
        return Visit(settings, source, False, rest.failures)
    with table_locks(settings, [f"closed.{source}"]):
        # As if the trial had failed: nobody else asks meanwhile, nor at once if whoever asks is killed.
        rest = _read(settings, source)
        if rest.left_seconds:
            raise _refusal(settings, source, rest)
        until = time() + _rest_seconds(settings, rest.failures + 1)
        _write(settings, source, Rest(until, rest.failures, rest.why))
    return Visit(settings, source, rest.failures >= settings.api_failures, rest.failures)


def _refusal(settings: Settings, source: str, rest: Rest) -> UnreachableError:
    at_once = f"or delete {_file(settings, source)} to ask at once"
    if rest.told:
        wants = f"{source}: its platform wants to be left alone for {rest.left_seconds:.0f} s more."
        return UnreachableError(f"{wants} Pull again after that time, {at_once}.")
    return LeftAloneError(
        f"{source}: its platform failed {rest.failures} times in a row and is left alone for {rest.left_seconds:.0f} s "
        f"more. The last time: {rest.why} Pull again after that time, {at_once}."
    )


def _fail(visit: Visit, error: UnreachableError) -> None:
    """Count a failure, and close the platform for as long as it said or its failures are worth."""
    settings, failures = visit.settings, visit.failures + error.is_failure
    told, rest = min(error.seconds or 0, LONGEST_SECONDS), _rest_seconds(settings, failures)
    if not (failures or told):
        return
    why = str(error)[:LONGEST_WHY]
    closed = Rest(time() + max(told, rest), failures, why, told=told >= rest)
    _write(settings, visit.source, closed)
    if failures == settings.api_failures and error.is_failure:
        text = (
            f"It failed {failures} times in a row: {why}\nFrom {closed.until_utc:%Y-%m-%d %H:%M}Z on it is asked "
            "again, by itself, for all that it has by then. Other sources go on; `guanxi status` says how far each is "
            "complete."
        )
        notify(Notice(f"{visit.source} is left alone", text), notifiers(settings))


def _rest_seconds(settings: Settings, failures: int) -> float:
    beyond = failures - settings.api_failures
    return min(settings.api_rest_seconds * 2.0 ** min(beyond, 30), settings.api_longest_rest_seconds) * (beyond >= 0)


def _file(settings: Settings, source: str) -> Path:
    return settings.work_dir / "closed" / source


def _read(settings: Settings, source: str) -> Rest:
    try:
        said = json.loads(_file(settings, source).read_bytes())
        return Rest(float(said["until"]), int(said["failures"]), str(said["why"]), bool(said["told"]))
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return Rest()


def _write(settings: Settings, source: str, rest: Rest) -> None:
    file = _file(settings, source)
    file.parent.mkdir(parents=True, exist_ok=True)
    whole = file.with_name(f".{source}.{os.getpid()}")
    whole.write_text(json.dumps(asdict(rest)))
    os.replace(whole, file)
