"""Notices of a platform that its pages will change: people are told of each once, however often it comes.

work/schema_notices/<source>   SHA-256 of the last one that was told
"""

import hashlib

from infra.app.notify import Notice, notifiers, notify
from infra.lake.settings import Settings

LONGEST_TEXT = 2_000


def tell_once(settings: Settings, source: str, text: str | None) -> None:
    """Tell people of a notice whose text is not that of the last one told."""
    if not text:
        return
    file = settings.work_dir / "schema_notices" / source
    digest = hashlib.sha256(text.encode()).hexdigest()
    if file.exists() and file.read_text() == digest:
        return
    remedy = f"Compare it with expectations/contracts/raw/{source}.odcs.yaml before it takes effect."
    notify(Notice(f"{source} announces a change", f"{text[:LONGEST_TEXT]}\n{remedy}"), notifiers(settings))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(digest)
