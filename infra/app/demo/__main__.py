"""Run the demo in a home of its own, made anew each time: `python -m infra.app.demo [--dirt none|normal|heavy]`."""

import argparse
import shutil
import signal
import sys
from collections.abc import Sequence

from infra.app.cli import render
from infra.app.demo.platforms import DIRT, answering
from infra.app.demo.story import Demo
from infra.app.demo.system import running
from infra.app.services import down
from infra.lake.errors import GuanxiError
from infra.lake.settings import Settings
from infra.simulator.wire.dirt import LEVELS

POLL_SECONDS = 3.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Start platforms and services, tell the story, end them all."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--dirt", choices=LEVELS, default=DIRT, help=f"what is wrong with what comes ({DIRT})")
    dirt = parser.parse_args(arguments).dirt
    signal.signal(signal.SIGTERM, _end)
    # No sweep: what arrives is carried by events alone.
    settings = Settings(home=Settings().root / "demo", sweep_minutes=0, api_poll_seconds=POLL_SECONDS)
    down(settings)
    shutil.rmtree(settings.root, ignore_errors=True)
    try:
        with answering(settings.root / "world", dirt) as platforms, running(platforms.settings(settings)) as system:
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
