"""The token that clients must bring: random for each server, in a file that only its owner reads."""

import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path
from typing import Final

from infra.simulator.platforms.errors import PlatformsError

FEWEST_CHARACTERS: Final = 16


class Token:
    """What is compared with: its digest, so that neither content nor length shows in the time it takes."""

    def __init__(self, text: str) -> None:
        if not re.fullmatch(rf"[!-~]{{{FEWEST_CHARACTERS},}}", text):
            raise PlatformsError(
                f"the token has fewer than {FEWEST_CHARACTERS} characters, or others than visible ASCII. Give another "
                "one, or none: then it is made at random."
            )
        self._digest = _digest(text)

    def is_in(self, authorization: str | None) -> bool:
        """Whether a header `Authorization: Bearer <token>` brings it."""
        scheme, _, text = (authorization or "").partition(" ")
        return hmac.compare_digest(self._digest, _digest(text.strip())) and scheme.lower() == "bearer"


def random_token() -> str:
    """A new token."""
    return secrets.token_urlsafe(32)


def write_token(path: Path, text: str) -> None:
    """Write a token where only the owner may read it, in the place of an older one."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text + "\n")


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
