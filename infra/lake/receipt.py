"""What the landing store knows of an object version, and the receipt that says so."""

import json
from dataclasses import dataclass
from datetime import datetime

RECEIPT_SUFFIX = ".landed.json"


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
    def of(cls, receipt: bytes, path: str) -> "LandedObject":
        """The object that a receipt is about."""
        content = json.loads(receipt)
        return cls(
            content["source"],
            content["name"],
            content["sha256"],
            content["size_bytes"],
            datetime.fromisoformat(content["received_at"]),
            tuple(content["supersedes"]),
            path,
        )
