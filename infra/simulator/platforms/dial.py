"""The dial: how much goes wrong between platform and client, and what goes wrong with each request."""

from typing import Annotated, Any, Final, Literal, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from infra.simulator.platforms.errors import Refused
from infra.simulator.world.streams import Streams

Share = Annotated[float, Field(ge=0, le=1)]
Reset = Literal["before", "midway"]
SERVER_ERRORS: Final = (500, 502, 503)


class Dial(BaseModel):
    """Shares of requests that meet a fault, and the limit on requests of each source; nothing goes wrong by default."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    requests_a_minute: Annotated[float, Field(gt=0)] | None = None
    """Rate at which requests are allowed again; None sets no limit."""
    burst: Annotated[int, Field(ge=1)] | None = None
    """Requests allowed at once after a rest; as many as a minute's if left out."""
    longest_wait_seconds: Annotated[float, Field(ge=1)] = 300
    """Cap on the wait of a client that does not wait."""
    server_errors: Share = 0
    """Answers 500, 502 and 503, about as often each."""
    resets: Share = 0
    """Connections reset: half before the answer, half in the middle of its body."""
    slow: Share = 0
    slow_seconds: Annotated[float, Field(ge=0, le=3600)] = 5
    seed: int = 7
    """The same seed lets the same requests of each source fail, counted without those over the limit."""

    @model_validator(mode="after")
    def _one_outcome(self) -> "Dial":
        if self.server_errors + self.resets > 1:
            raise ValueError("server_errors and resets together must be at most 1")
        return self

    def turned(self, changes: object) -> "Dial":
        """The dial with some of it set anew; raises Refused (400) for what cannot be set."""
        if not isinstance(changes, dict):
            raise Refused(400, 'dial: not an object. Send {"dial": {"resets": 0.1}}, for instance.')
        return dial_of(self.model_dump() | changes)


def dial_of(settings: dict[str, Any]) -> Dial:
    """A dial from settings by name; raises Refused (400), with every setting that is out of its range."""
    try:
        return Dial.model_validate(settings)
    except ValidationError as error:
        wrong = "; ".join(": ".join([*map(str, one["loc"]), one["msg"]]) for one in error.errors(include_url=False))
        names = ", ".join(Dial.model_fields)
        raise Refused(400, f"dial: {wrong}. It has {names}; shares lie from 0 to 1.") from error


class Fate(NamedTuple):
    """What becomes of one request: a status of an error, a reset, a wait, or none of them."""

    error: int | None = None
    reset: Reset | None = None
    wait_seconds: float = 0


class Fates:
    """One source's fates, request after request; settings move no number that is drawn."""

    def __init__(self, source: str, seed: int) -> None:
        self._dice: np.random.Generator = Streams(seed).of("platforms", source)

    def next(self, dial: Dial) -> Fate:
        """The fate of the next request."""
        outcome, which, slow = self._dice.random(3).tolist()
        wait_seconds = dial.slow_seconds if slow < dial.slow else 0
        # Taken from both ends, so that turning one up moves none of the other.
        if outcome < dial.server_errors:
            return Fate(error=SERVER_ERRORS[int(which * len(SERVER_ERRORS))], wait_seconds=wait_seconds)
        if outcome >= 1 - dial.resets:
            return Fate(reset="before" if which < 0.5 else "midway", wait_seconds=wait_seconds)
        return Fate(wait_seconds=wait_seconds)
