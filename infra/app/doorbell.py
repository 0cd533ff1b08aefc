"""Whether anything came to the landing store of a source: cheap enough to ask every second."""

import hashlib

from infra.lake.landing import RECEIPT_SUFFIX
from infra.lake.settings import Settings

NOTHING = hashlib.sha256().hexdigest()[:32]
"""The digest of a source that never delivered."""


def listing_digest(settings: Settings, source: str) -> str:
    """Moves when a source's receipts move; reads their names and times, never their content."""
    digest = hashlib.sha256()
    for receipt in sorted((settings.landing_dir / source).glob(f"*/*{RECEIPT_SUFFIX}")):
        digest.update(f"{receipt.parent.name}/{receipt.name} {receipt.stat().st_mtime_ns}\n".encode())
    return digest.hexdigest()[:32]
