"""Keeping and rebuilding the catalogue: it only points at metadata files, and they say everything."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.lake.catalog import Lake
from infra.lake.errors import GuanxiError

METADATA_FILE = re.compile(r"^(\d+)-.+\.metadata\.json$")


class CatalogExistsError(GuanxiError):
    """A restore would overwrite a table that the catalogue still knows."""


@dataclass(frozen=True)
class Restored:
    """One table that was registered again; `rivals` are metadata files of the same number that were passed over."""

    dataset: str
    metadata_file: str
    rivals: tuple[str, ...]


def export(lake: Lake) -> dict[str, str]:
    """Every table with the metadata file the catalogue points at."""
    return {name: lake.table(name).metadata_location for name in lake.names()}


def restore(lake: Lake, exported: dict[str, str] | None = None) -> list[Restored]:
    """Register again every table found in the lake's folder; raises CatalogExistsError where one is known already.

    The newest metadata file of a table is the one with the highest number. Where two writers raced for a number, the
    one an export names wins, else the one updated last; the others are reported.
    """
    known = lake.names()
    if known:
        raise CatalogExistsError(
            f"{lake.settings.catalog_file}: the catalogue still knows {len(known)} tables ({known[0]}, ...). "
            "A restore is for a lost catalogue: move this file away first."
        )
    restored = []
    for name, folder in _table_folders(lake.settings.lake_dir):
        candidates = _newest(folder)
        named = [c for c in candidates if (exported or {}).get(name, "").endswith(c.name)]
        chosen = named[0] if named else max(candidates, key=_updated_ms)
        lake.catalog.create_namespace_if_not_exists(name.split(".")[0])
        lake.catalog.register_table(name, chosen.absolute().as_uri())
        restored.append(Restored(name, str(chosen), tuple(str(c) for c in candidates if c != chosen)))
    return restored


def _table_folders(lake_dir: Path) -> Iterator[tuple[str, Path]]:
    for metadata in sorted(lake_dir.glob("*/*/metadata")):
        if any(METADATA_FILE.match(file.name) for file in metadata.iterdir()):
            yield f"{metadata.parent.parent.name}.{metadata.parent.name}", metadata


def _newest(folder: Path) -> list[Path]:
    found = [(METADATA_FILE.match(file.name), file) for file in folder.iterdir()]
    numbered = [(int(name[1]), file) for name, file in found if name and _is_whole(file)]
    highest = max(number for number, _ in numbered)
    return sorted(file for number, file in numbered if number == highest)


def _is_whole(file: Path) -> bool:
    try:
        return bool(_content(file))
    except ValueError:
        return False


def _updated_ms(file: Path) -> int:
    return int(_content(file)["last-updated-ms"])


def _content(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(file.read_text())
    return content
