"""Run the demo in a home of its own, made anew each time."""

import shutil
import signal
import sys

from infra.app.cli import render
from infra.app.demo.platforms import answering
from infra.app.demo.story import Demo
from infra.app.demo.system import running
from infra.app.services import down
from infra.lake.errors import GuanxiError
from infra.lake.settings import Settings

POLL_SECONDS = 3.0


def main() -> None:
    """Start platforms and services, tell the story, end them all."""
    signal.signal(signal.SIGTERM, _end)
    # No sweep: what arrives is carried by events alone.
    settings = Settings(home=Settings().root / "demo", sweep_minutes=0, api_poll_seconds=POLL_SECONDS)
    down(settings)
    shutil.rmtree(settings.root, ignore_errors=True)
    try:
        with answering(settings.root / "world") as platforms, running(platforms.settings(settings)) as system:
            Demo(system, platforms).tell()
    except GuanxiError as error:
        render.error(str(error))
        sys.exit(2)


def _end(*_: object) -> None:
    """End as if the story were over, with what was started; a second signal does not cut that short."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    main()
