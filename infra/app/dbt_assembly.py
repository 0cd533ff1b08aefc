"""Puts the dbt project together: the marts' own files and what the lake's contracts say about its sources.

transforms/ + contracts ─▶ <work>/projects/<digest>/   models, macros and tests as they are,
                                                       models/lake_sources.yml   one dbt source per layer,
                                                       dbt_project.yml           with the variables about sources
"""

import hashlib
import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Protocol

import yaml

PROJECT_FILE: Final = "dbt_project.yml"
SOURCES_FILE: Final = "models/lake_sources.yml"
NO_PART_OF_THE_PROJECT: Final = frozenset({"target", "logs", "dbt_packages"})
USUAL_IDENTITY_WINDOW_DAYS: Final = 1
READ_BY: Final = ("dbt-core", "dbt-duckdb")


class Feed(Protocol):
    """What a raw source's contract says of its deliveries."""

    @property
    def targets(self) -> Sequence[str]:
        """Names of the events tables its records go to, with their layer or without."""

    @property
    def timezone(self) -> str:
        """IANA name of the market's zone, whose days its event days are."""


class Column(Protocol):
    """One column of a lake table."""

    @property
    def name(self) -> str:
        """The column's name."""

    @property
    def description(self) -> str | None:
        """What it means."""


class LakeContract(Protocol):
    """What the marts need to know of a lake table."""

    @property
    def name(self) -> str:
        """The dataset's name, `<layer>.<short_name>`."""

    @property
    def layer(self) -> str:
        """First part of the name."""

    @property
    def short_name(self) -> str:
        """Last part of the name."""

    @property
    def purpose(self) -> str | None:
        """What the table is for."""

    @property
    def source(self) -> Feed | None:
        """The feed of a raw source; None for every other table."""

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Parameters of its transform; an events table may declare `identity_window_days`."""

    @property
    def columns(self) -> Sequence[Column]:
        """The columns; for a raw source, those of its deliveries."""


def assemble(project: Path, work: Path, contracts: Iterable[LakeContract]) -> Path:
    """Folder of the complete dbt project, named after its content; writes it unless it is there already."""
    lake = sorted(contracts, key=lambda contract: contract.name)
    files = _files(project)
    files[SOURCES_FILE] = _to_yaml({"sources": _sources(lake)})
    files[PROJECT_FILE] = _with_vars(files[PROJECT_FILE], _source_vars(lake))
    folder = work / "projects" / _digest(files)
    if not folder.is_dir():
        _write(files, folder)
    return folder


def _files(project: Path) -> dict[str, bytes]:
    paths = sorted(path for path in project.rglob("*") if path.is_file())
    relative = {path: path.relative_to(project) for path in paths}
    return {
        name.as_posix(): path.read_bytes()
        for path, name in relative.items()
        if not any(part in NO_PART_OF_THE_PROJECT or part.startswith(".") for part in name.parts)
    }


def _sources(lake: Sequence[LakeContract]) -> list[dict[str, Any]]:
    layers = sorted({contract.layer for contract in lake})
    return [
        {
            "name": layer,
            "schema": layer,
            "tables": [_table(contract) for contract in lake if contract.layer == layer],
        }
        for layer in layers
    ]


def _table(contract: LakeContract) -> dict[str, Any]:
    # The contract of a raw source describes its delivery, which is not the form of its table.
    columns = () if contract.source else contract.columns
    return {
        "name": contract.short_name,
        "description": contract.purpose or "",
        "columns": [{"name": column.name, "description": column.description or ""} for column in columns],
    }


def _source_vars(lake: Sequence[LakeContract]) -> dict[str, Any]:
    events = [contract for contract in lake if contract.layer == "events"]
    return {
        "raw_sources": [
            {
                "name": contract.short_name,
                "targets": [target.rpartition(".")[2] for target in contract.source.targets],
                "timezone": contract.source.timezone,
            }
            for contract in lake
            if contract.source
        ],
        "event_tables": [contract.short_name for contract in events],
        "identity_window_days": {
            contract.short_name: int(contract.parameters.get("identity_window_days", USUAL_IDENTITY_WINDOW_DAYS))
            for contract in events
        },
    }


def _with_vars(project_file: bytes, source_vars: Mapping[str, Any]) -> bytes:
    settings = yaml.safe_load(project_file)
    return _to_yaml({**settings, "vars": {**settings.get("vars", {}), **source_vars}})


def _to_yaml(content: Mapping[str, Any]) -> bytes:
    # Every process assembles the project, and JSON, which is YAML too, is written a hundred times as fast.
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def _digest(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for package in READ_BY:
        digest.update(f"{package} {version(package)}\n".encode())
    for name, content in sorted(files.items()):
        digest.update(f"{name} {hashlib.sha256(content).hexdigest()}\n".encode())
    return digest.hexdigest()[:16]


def _write(files: Mapping[str, bytes], folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".assembling-") as unfinished:
        scratch = Path(unfinished) / folder.name
        for name, content in files.items():
            path = scratch / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        keep(scratch, folder)


def keep(scratch: Path, folder: Path) -> None:
    """Give a finished folder its lasting name at once; where another process was faster, its equal one stays."""
    try:
        scratch.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
