"""The product with a second source, a further feature and a mart on it: the worked examples of the manual."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from infra.app.app import App
from infra.app.datasets import Project
from tests.support.documented import write_examples
from tests.support.laid_over import laid_over

STALL_HEADER = "ticket;item;pieces;price;sold_at"


def wider_project(folder: Path) -> AbstractContextManager[Project]:
    """A copy of the product's declarations with the added files, whose jobs can be imported meanwhile."""
    return laid_over(folder, write_examples)


def deliver_stall(app: App, folder: Path, name: str, lines: Sequence[str], supersedes: Sequence[str] = ()) -> str:
    """Land tickets of the second source; returns the object's hash."""
    file = folder / name
    file.write_text("\n".join([STALL_HEADER, *lines]) + "\n")
    return app.land("market_stall", file, supersedes).object.sha256
