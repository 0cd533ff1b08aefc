"""Public data sets as sources of somebody's own: folders of files laid over the product, and what came of the data."""

import gzip
import re
import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from infra.app.app import App
from infra.app.datasets import Project
from infra.app.warehouse import query
from tests.support.laid_over import laid_over

SOURCES = Path(__file__).resolve().parents[1] / "real" / "sources"


def with_sources(folder: Path) -> AbstractContextManager[Project]:
    """The product with every folder of `tests/real/sources` on it."""

    def lay(root: Path) -> None:
        for source in SOURCES.iterdir():
            shutil.copytree(source, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))

    return laid_over(folder, lay)


@dataclass(frozen=True)
class Delivery:
    """A file of a data set and what it is delivered as: to which sources, and under which name.

    `part` is a regular expression of the lines that stand for the whole where time is short.
    """

    file: str
    sources: tuple[str, ...]
    name: str
    part: str
    has_header: bool = True

    def copy(self, datasets_dir: Path, folder: Path, is_whole: bool) -> Path:
        """Write what is delivered to a folder."""
        content = gzip.decompress((datasets_dir / self.file).read_bytes())
        wanted = re.compile(self.part.encode(), re.MULTILINE)
        lines = content.splitlines(keepends=True)
        kept = [
            line for at, line in enumerate(lines) if is_whole or (self.has_header and at == 0) or wanted.search(line)
        ]
        file = folder / self.name
        file.write_bytes(gzip.compress(b"".join(kept), mtime=0))
        return file


class Compared:
    """What was published out of some files beside the files themselves, to be asked the same by DuckDB."""

    def __init__(self, app: App, files: Mapping[str, Path], texts: Mapping[str, str]) -> None:
        """`texts`: a table of each file, in which all columns are texts as they are written."""
        self.app = app
        self.files = files
        self.connection = duckdb.connect()
        for name, sql in texts.items():
            self.connection.execute(f"create table {name} as {sql}")

    def published(self, dataset: str) -> None:
        """Let an events table be asked by its name without its layer."""
        self.connection.register(dataset.partition(".")[2], self.app.lake.table(dataset).scan().to_arrow())

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()

    def balance(self, source: str) -> list[dict[str, int]]:
        """What became of the records of each object of a source, without what became of none; every one balances."""
        sql = f"from marts.source_balance where source = '{source}' order by object_name"
        columns, rows = query(self.app.settings.warehouse_file, sql)
        objects = [dict(zip(columns, row, strict=True)) for row in rows]
        assert all(one.pop("balanced") for one in objects)
        return [{name: count for name, count in one.items() if isinstance(count, int) and count} for one in objects]

    def reasons(self, source: str) -> list[tuple[str, int]]:
        """How many records of a source are quarantined for each reason."""
        records = self.app.lake.table(f"raw.{source}").scan(selected_fields=("reason",)).to_arrow()
        self.connection.register("record", records)
        return self.rows("select reason, count(*) from record where reason is not null group by 1 order by 1")
