"""The project with changes: a copy that the next application reads instead, until the test is over."""

import importlib
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import spark_jobs.features
import spark_jobs.raw
from infra.app import app
from infra.app.app import PROJECT_ROOT

COPIED = ("expectations/contracts", "transforms", "spark_jobs")
ONE_OF_EACH = (
    *("session.odcs.yaml", "purchase_30d.odcs.yaml", "stg_session.*", "exposures.yml"),
    *("growth*", "experience", "repeat_*", "retention_*", "sessions_*", "source_lateness*"),
    *("social_*", "shop_community*", "payment*", "refund*", "settlement*"),
    *(f"{name}.odcs.yaml" for name in ("account", "follow", "community_membership", "post", "repost", "review")),
    *(f"{name}.odcs.yaml" for name in ("invite", "group_buy", "coupon", "ad_spend", "creator_contract")),
)
"""Files without which the project has two sources, what they feed, a feature and a mart: more would only take time."""
PACKAGES = (spark_jobs.raw, spark_jobs.features)


class ChangedProject:
    """A copy of the project that every next application reads; see `copy_project`."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch) -> None:
        self.root = root
        patch.setattr(app, "PROJECT_ROOT", root)
        for package in PACKAGES:
            own = root / package.__name__.replace(".", "/")
            patch.setattr(package, "__path__", [str(own), *package.__path__])
        self.forget()

    def apply(self, difference: str) -> None:
        """Change every file that the difference names; what it takes away must stand there exactly once."""
        for piece in re.split(r"^--- a/.*\n", difference, flags=re.M)[1:]:
            heading, _, hunks = piece.partition("\n")
            file = self.root / heading.removeprefix("+++ b/")
            for hunk in re.split(r"^@@.*\n", hunks, flags=re.M):
                _replace(file, hunk.splitlines())
        self.forget()

    def forget(self) -> None:
        """Have every job read anew: after a change, and when the copy is not to be read any more."""
        importlib.invalidate_caches()
        for name in [name for name in sys.modules if name.startswith(tuple(f"{p.__name__}." for p in PACKAGES))]:
            sys.modules.pop(name)


def copy_project(root: Path, without: Sequence[str] = ()) -> None:
    """Copy declarations and jobs; `without` are patterns of files to leave out."""
    for part in COPIED:
        shutil.copytree(PROJECT_ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__", *without))


def _replace(file: Path, lines: list[str]) -> None:
    old = "\n".join(line[1:] for line in lines if not line.startswith("+"))
    new = "\n".join(line[1:] for line in lines if not line.startswith("-"))
    text = file.read_text()
    assert text.count(old) == 1, f"{file.name} does not hold exactly once:\n{old}"
    file.write_text(text.replace(old, new))
