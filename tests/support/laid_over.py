"""A product with files of somebody's own laid over its declarations, as who adds a source, a feature or a mart does."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import spark_jobs.features
import spark_jobs.raw
from infra.app.app import PROJECT_ROOT
from infra.app.datasets import Project


@contextmanager
def laid_over(folder: Path, lay: Callable[[Path], None]) -> Iterator[Project]:
    """A copy of the product's declarations on which `lay` puts files, whose jobs can be imported meanwhile."""
    root = folder / "project"
    for part in ("expectations/contracts", "transforms"):
        shutil.copytree(PROJECT_ROOT / part, root / part)
    lay(root)
    packages = {spark_jobs.raw: root / "spark_jobs" / "raw", spark_jobs.features: root / "spark_jobs" / "features"}
    for package, added in packages.items():
        package.__path__.append(str(added))
    try:
        yield Project(root)
    finally:
        for package, added in packages.items():
            package.__path__.remove(str(added))
            for file in added.glob("*.py"):
                sys.modules.pop(f"{package.__name__}.{file.stem}", None)
