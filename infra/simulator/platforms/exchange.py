"""What is asked and answered, and what of a request is refused before anything is looked up."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl

from infra.simulator.platforms.dial import Reset
from infra.simulator.platforms.errors import Refused

DEFAULT_LIMIT: Final = 200
LARGEST_LIMIT: Final = 1000
PARAMETERS: Final = ("cursor", "limit", "kinds")
JSON_TYPE: Final = "application/json"


@dataclass(frozen=True)
class Request:
    """What of a request counts; `authorization` is the header, `query` what stands behind the question mark."""

    method: str
    path: str
    query: str = ""
    authorization: str | None = None
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """What is sent, after a wait; a reset cuts it off. `place` names the request in the log."""

    place: str
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON_TYPE
    wait_seconds: float = 0
    reset: Reset | None = None


def parameters(request: Request) -> dict[str, str]:
    """The parameters of a page; raises Refused (400) for any other, as a token may be among them."""
    pairs = parse_qsl(request.query, keep_blank_values=True)
    asked = dict(pairs)
    if asked.keys() - set(PARAMETERS) or len(asked) < len(pairs):
        raise not_there()
    return asked


def not_there() -> Refused:
    """The refusal of a query with anything else than a page's parameters."""
    return Refused(400, f"parameters are {', '.join(PARAMETERS)}, once each, for pages. A token belongs in the header.")


def limit_of(text: str | None) -> int:
    """The most items of a page."""
    if text is None:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LARGEST_LIMIT and len(text) < 9):
        raise Refused(400, f"limit: not a number from 1 to {LARGEST_LIMIT}.")
    return int(text)


def kinds_of(text: str | None) -> frozenset[str] | None:
    """The kinds asked for; None for all."""
    if text is None:
        return None
    kinds = frozenset(text.split(","))
    if "" in kinds:
        raise Refused(400, "kinds: one is empty. Write them as a,b, or leave the parameter out for all.")
    return kinds


def object_of(body: bytes) -> dict[str, Any]:
    """The JSON object in a body."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "the body is not JSON.") from error
    if not isinstance(content, dict):
        raise Refused(400, "the body is not a JSON object.")
    return content


def too_many(wait_seconds: int) -> Refused:
    """The refusal of a request over the limit."""
    return Refused(429, f"too many requests. Wait {wait_seconds} seconds.", {"Retry-After": str(wait_seconds)})
