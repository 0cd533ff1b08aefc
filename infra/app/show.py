"""One dataset at a glance: everything that goes by its name."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from infra.app.app import App
from infra.app.lineage import published_versions, require_version
from infra.lake import branch
from infra.lake.content import content_hash
from infra.loop.plan import Grain, Window


@dataclass(frozen=True)
class Shown:
    """Files, inputs with what is read of them, readers, grain, code and published versions of one dataset."""

    dataset: str
    grain: str
    code: str
    files: tuple[str, ...]
    inputs: tuple[str, ...]
    readers: tuple[str, ...]
    versions: tuple[str, ...]


def show(app: App, name: str) -> Shown:
    """Everything that goes by one dataset's name."""
    dataset = app.datasets.find(name)
    contract = app.datasets.contracts.get(name)
    table = app.lake.find(name)
    versions = published_versions(table) if table is not None else []
    return Shown(
        name,
        contract.grain if contract else _grain_of_mart(app, name),
        dataset.node.code,
        tuple(sorted(str(file.relative_to(app.datasets.project.root)) for file in _files(app, name))),
        tuple(f"{read} {_window(dataset.node.grain, window)}" for read, window in dataset.node.windows.items()),
        tuple(app.datasets.readers(name)),
        tuple(
            f"{v.snapshot_id} {datetime.fromtimestamp(v.timestamp_ms / 1000, UTC):%Y-%m-%d %H:%M:%S}Z"
            for v in versions[:10]
        ),
    )


def dataset_hash(app: App, name: str, version: int | None = None) -> str:
    """Content hash of a published (or given) version, without arrival columns."""
    dataset = app.datasets.find(name)
    table = app.lake.table(name)
    if version is not None:
        require_version(name, table, version)
    return content_hash(table, branch.head(table) if version is None else version, without=dataset.arrival_columns)


def _grain_of_mart(app: App, name: str) -> str:
    """The first sentence of its model's description."""
    described = next((spec.description for spec in app.datasets.dbt.marts() if spec.name == name), "")
    return described.partition(". ")[0].removesuffix(".")


def _files(app: App, name: str) -> list[Path]:
    layer, short = name.split(".")
    names = {f"{short}.odcs.yaml", f"{short}.py", f"{short}.sql", f"{short}.yml", f"test_{short}.py"}
    return [file for file in app.datasets.files if file.name in names and (layer in file.parts or layer == "marts")]


def _window(grain: Grain, window: Window) -> str:
    if grain is not Grain.DAY:
        return "(whole)" if grain is Grain.WHOLE else "(object by object)"
    first = "the first day" if window.before is None else f"day - {window.before}"
    return f"[{first} .. day + {window.after}]"
