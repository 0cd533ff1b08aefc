"""Run the demo in a home of its own, made anew each time."""

import shutil
import sys

from infra.app.cli import render
from infra.app.demo.story import Demo
from infra.app.demo.system import running
from infra.app.services import down
from infra.lake.errors import GuanxiError
from infra.lake.settings import Settings


def main() -> None:
    """Start the services, tell the story, end the services."""
    # No sweep: what arrives is carried by events alone.
    settings = Settings(home=Settings().root / "demo", sweep_minutes=0)
    down(settings)
    shutil.rmtree(settings.root, ignore_errors=True)
    try:
        with running(settings) as system:
            Demo(system).tell()
    except GuanxiError as error:
        render.error(str(error))
        sys.exit(2)


if __name__ == "__main__":
    main()
