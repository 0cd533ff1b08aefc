"""What the landing store knows of an object version, and the receipt that says so."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from infra.lake.object_store import StoreError

RECEIPT_SUFFIX = ".landed.json"
SHA256 = re.compile(r"[0-9a-f]{64}")


class ObjectKey(NamedTuple):
    """What the place of a receipt says: whose the object is, its content and its name."""

    source: str
    sha256: str
    name: str

    @classmethod
    def of_receipt(cls, stored: str) -> "ObjectKey | None":
        """The key of a receipt from the store's name of it; None where no receipt of ours can be called like that."""
        parts = stored.removesuffix(RECEIPT_SUFFIX).split("/")
        return cls(*parts) if len(parts) == 3 and all(parts) and SHA256.fullmatch(parts[1]) else None

    @property
    def stored(self) -> str:
        """The store's name of the bytes."""
        return "/".join(self)


REMEDY = "Restore it from a copy; or remove it, and have the object delivered again if it is missed."


@dataclass(frozen=True)
class LandedObject:
    """One object version as the landing store holds it; `path` is the path or URL of its bytes."""

    source: str
    name: str
    sha256: str
    size_bytes: int
    received_at: datetime
    supersedes: tuple[str, ...]
    path: str

    @property
    def key(self) -> str:
        """Identity of the object version within its source: content first, then name."""
        return f"{self.sha256}/{self.name}"

    def receipt(self) -> bytes:
        """The receipt of the object; where it lies it need not say."""
        content = {
            "source": self.source,
            "name": self.name,
            "sha256": self.sha256,
            "size_bytes": self.size_bytes,
            "received_at": self.received_at.isoformat(),
            "supersedes": list(self.supersedes),
        }
        return json.dumps(content, indent=1).encode()

    @classmethod
    def of(cls, key: ObjectKey, receipt: bytes, path: str) -> "LandedObject":
        """The object that a receipt is about; raises StoreError where it is none, or another object's."""
        try:
            content = json.loads(receipt)
            said = cls(
                content["source"],
                content["name"],
                content["sha256"],
                content["size_bytes"],
                datetime.fromisoformat(content["received_at"]),
                tuple(content["supersedes"]),
                path,
            )
        except (ValueError, LookupError, TypeError, RecursionError):
            raise StoreError(f"{path}{RECEIPT_SUFFIX}: this is no receipt. {REMEDY}") from None
        if ObjectKey(said.source, said.sha256, said.name) != key:
            about = f"{said.source}/{said.sha256}/{said.name}"
            raise StoreError(f"{path}{RECEIPT_SUFFIX}: this is the receipt of another object, {about!a}. {REMEDY}")
        return said
