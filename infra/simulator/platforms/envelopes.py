"""How each platform wraps what it answers: items and errors, and under which key an item tells its kind.

A platform that joins is a row in `ENVELOPES`, by the name of its source.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final


class Envelope(ABC):
    """The words of one platform around items whose bytes are kept as they are."""

    kind_key: ClassVar[str]

    @abstractmethod
    def page(self, items: Sequence[bytes], cursor: str, *, has_more: bool) -> bytes:
        """A page; `cursor` asks for what follows it."""

    @abstractmethod
    def error(self, status: int, message: str) -> bytes:
        """What stands in the body of an answer that is no page."""


class Flat(Envelope):
    """Platform A: items under `data`, paging beside them."""

    kind_key = "kind"

    def page(self, items: Sequence[bytes], cursor: str, *, has_more: bool) -> bytes:
        """`{"data":[...],"paging":{...}}`."""
        paging = _json({"next": cursor, "has_more": has_more})
        return b'{"data":[' + b",".join(items) + b'],"paging":' + paging + b"}"

    def error(self, status: int, message: str) -> bytes:
        """`{"error":{...}}`."""
        return _json({"error": {"status": status, "message": message}})


class CodeAndResult(Envelope):
    """Platform B: a code, 0 where all is well, and a result."""

    kind_key = "eventType"

    def page(self, items: Sequence[bytes], cursor: str, *, has_more: bool) -> bytes:
        """`{"code":0,"result":{"items":[...],...}}`."""
        rest = _json({"nextCursor": cursor, "hasMore": has_more})[1:]
        return b'{"code":0,"result":{"items":[' + b",".join(items) + b"]," + rest + b"}"

    def error(self, status: int, message: str) -> bytes:
        """`{"code":...,"message":...}`; codes are the status with two digits behind it."""
        return _json({"code": status * 100, "message": message})


ENVELOPES: Final[Mapping[str, Envelope]] = {"social_a": Flat(), "social_b": CodeAndResult()}


def _json(content: object) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode()
