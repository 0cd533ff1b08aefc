"""Which names may become file names: those of datasets and runs that match a strict pattern, and no others."""

import re
from typing import Final

DATASET: Final = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
RUN: Final = re.compile(r"[a-z]+_\d{8}t\d{6}_[0-9a-f]{8}")


def is_dataset(name: str) -> bool:
    """Whether a dataset of this name gets a page."""
    return DATASET.fullmatch(name) is not None


def is_run(name: str) -> bool:
    """Whether a run of this name gets a page; an acceptance by hand is no run."""
    return RUN.fullmatch(name) is not None
