"""The product with a second source, a further feature and a mart on it: the worked examples of the manual."""

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import spark_jobs.features
import spark_jobs.raw
from infra.app.app import PROJECT_ROOT, App
from infra.app.datasets import Project
from tests.support.documented import write_examples

STALL_HEADER = "ticket;item;pieces;price;sold_at"


@contextmanager
def wider_project(folder: Path) -> Iterator[Project]:
    """A copy of the product's declarations with the added files, whose jobs can be imported meanwhile."""
    root = folder / "project"
    for part in ("expectations/contracts", "transforms"):
        shutil.copytree(PROJECT_ROOT / part, root / part)
    write_examples(root)
    packages = {spark_jobs.raw: root / "spark_jobs" / "raw", spark_jobs.features: root / "spark_jobs" / "features"}
    for package, added in packages.items():
        package.__path__.append(str(added))
    try:
        yield Project(root)
    finally:
        for package, added in packages.items():
            package.__path__.remove(str(added))
        for name in ("spark_jobs.raw.market_stall", "spark_jobs.features.basket_day"):
            sys.modules.pop(name, None)


def deliver_stall(app: App, folder: Path, name: str, lines: Sequence[str], supersedes: Sequence[str] = ()) -> str:
    """Land tickets of the second source; returns the object's hash."""
    file = folder / name
    file.write_text("\n".join([STALL_HEADER, *lines]) + "\n")
    return app.land("market_stall", file, supersedes).object.sha256
