"""Deliveries into an inbox, as a sender makes them."""

import hashlib
import json
from pathlib import Path

from infra.app.app import App


def drop(app: App, source: str, name: str, content: bytes = b"content") -> Path:
    inbox = app.settings.inbox_dir / source
    inbox.mkdir(parents=True, exist_ok=True)
    (inbox / name).write_bytes(content)
    return inbox / name


def announce(file: Path, **said: object) -> None:
    manifest = {"object": file.name, "lines": 1, "sha256": hashlib.sha256(file.read_bytes()).hexdigest(), **said}
    file.with_name(f"{file.name}.manifest.json").write_text(json.dumps(manifest))
