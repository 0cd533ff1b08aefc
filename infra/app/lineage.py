"""Lineage: which exact versions stand behind a version."""

from dataclasses import dataclass
from typing import Any

from pyiceberg.table import Table

from infra.app.app import App
from infra.app.kinds.landing_objects import LANDING
from infra.lake import branch, provenance
from infra.lake.errors import GuanxiError


class UnknownVersionError(GuanxiError):
    """A version that the table does not have, or no longer has."""


@dataclass(frozen=True)
class Ancestry:
    """One version and, recursively, the versions it was built from."""

    dataset: str
    version: str
    run: str
    code: str
    complete_through: str | None
    inputs: tuple["Ancestry", ...] = ()


def lineage(app: App, name: str, version: int | None = None) -> Ancestry:
    """Exact input versions of a published (or given) version, recursively down to the landing store's listing."""
    table = app.lake.table(app.datasets.find(name).name)
    if version is not None:
        require_version(name, table, version)
    return _ancestry(app, name, str(branch.head(table) if version is None else version))


def _ancestry(app: App, name: str, version: str) -> Ancestry:
    if name == LANDING:
        return Ancestry(name, version, "", "", None)
    read = provenance.read(app.lake.table(name), int(version))
    if read is None:
        return Ancestry(name, version, "expired or never built", "", None)
    inputs = tuple(_ancestry(app, input_name, pinned) for input_name, pinned in sorted(read.inputs.items()))
    return Ancestry(name, version, read.run, read.code, read.complete_through, inputs)


def require_version(name: str, table: Table, version: int) -> None:
    """Raise UnknownVersionError, with those there are, unless the table has the version."""
    if table.snapshot_by_id(version) is None:
        known = [str(entry.snapshot_id) for entry in published_versions(table)]
        raise UnknownVersionError(
            f"{name}: there is no version {version} (expired, or never published). There are: {', '.join(known)}."
        )


def published_versions(table: Table) -> list[Any]:
    """The versions `main` has shown and that are kept, newest first, sealed ones only."""
    chain = branch.ancestors(table, branch.head(table))
    return [table.snapshot_by_id(i) for i in chain if provenance.read(table, i) is not None]
