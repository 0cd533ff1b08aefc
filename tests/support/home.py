"""A Guanxi home in a folder of its own, on a session of the tests' one JVM."""

import tempfile
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from expectations.contract import find_contracts
from infra.app.app import PROJECT_ROOT, App
from infra.app.datasets import Project
from infra.app.kinds.events import Events
from infra.app.kinds.landing_objects import OBJECTS
from infra.app.session import spark_settings
from infra.app.show import dataset_hash
from infra.lake.settings import Settings
from tests.support.retail_sample import COLUMNS, Line, write_export

SOURCE = "retail_export"
_MODELS = PROJECT_ROOT / "transforms" / "models" / "marts"
COMPUTED = (
    *(one.name for one in find_contracts().values() if one.layer != "ops" and one.name != OBJECTS),
    *sorted(f"marts.{model.stem}" for model in _MODELS.glob("*/*.sql")),
)
"""Every dataset that a run computes, in reading order of the layers."""
FEW_ROWS = {
    "spark.sql.shuffle.partitions": "2",
    # Plans that are changed while they run cost a table of a few rows a seventh of its time, and change none of them.
    "spark.sql.adaptive.enabled": "false",
}


OF_THE_JVM = ("spark.sql.extensions", "spark.sql.codegen.cache.maxEntries")
"""Settings that sessions of one JVM share."""


def order_line(
    invoice: str = "500001",
    product: str = "1001",
    name: str = "TEA TOWEL",
    quantity: object = 2,
    at: str = "2026-03-02 10:00:00",
    price: object = "2.50",
    customer: str = "10001.0",
    country: str = "United Kingdom",
) -> Line:
    """One literal row of the retail export."""
    return (invoice, product, name, str(quantity), at, str(price), customer, country)


def open_home(
    folder: Path,
    spark: SparkSession,
    project: Project | None = None,
    *,
    only: Collection[str] | None = None,
    **settings: Any,
) -> App:
    """An application over `folder` whose Spark session is a new one of the given JVM; see `knows_only` for `only`."""
    app = App(Settings(home=folder / "home", **settings), project)
    _share_what_dbt_parsed(app.settings)
    app.engine.spark = session_over(app.settings, spark)
    return app if only is None else knows_only(app, only)


def knows_only(app: App, wanted: Collection[str]) -> App:
    """The application as if its project had only these features and marts, and what they read, beside all events.

    Those that a test does not look at are most of its time.
    """
    assert set(wanted) <= app.datasets.all.keys()
    kept = set(wanted)
    for name, dataset in reversed([*app.datasets.all.items()]):  # in reading order: readers come first here
        if name in kept:
            kept.update(dataset.inputs)
        elif name.startswith(("features.", "marts.")):
            del app.datasets.all[name]
    return app


def reopened(app: App) -> App:
    """What another process sees of the same home."""
    other = App(app.settings, app.datasets.project)
    other.engine.spark = app.engine.spark
    return knows_only(other, app.datasets.all)


@cache
def _parsed() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="guanxi-parsed-")


def _share_what_dbt_parsed(settings: Settings) -> None:
    """Let dbt read a project once for all homes of a process: what it makes of it is kept by the project's content."""
    link = settings.work_dir / "dbt" / "parsed"
    if not link.exists():
        link.parent.mkdir(parents=True)
        link.symlink_to(_parsed().name)


def session_over(settings: Settings, spark: SparkSession) -> SparkSession:
    """A new session of the given JVM whose catalogue is a home's."""
    return over(settings, spark.newSession())


def over(settings: Settings, session: SparkSession) -> SparkSession:
    """A session, or a client's, made to have a home's catalogue."""
    for key, value in spark_settings(settings).items():
        if key.startswith("spark.sql.") and key not in OF_THE_JVM:
            session.conf.set(key, value)
    for key, value in FEW_ROWS.items():
        session.conf.set(key, value)
    return session


def deliver(app: App, folder: Path, name: str, lines: Iterable[Line], supersedes: Sequence[str] = ()) -> str:
    """Land an export of some lines; returns the object's hash."""
    folder.mkdir(parents=True, exist_ok=True)
    file = write_export(folder / name, list(lines))
    return app.land(SOURCE, file, supersedes).object.sha256


def fed_by(app: App, *sources: str) -> set[str]:
    """The datasets that what some sources have delivered gets into, of events those that a record is meant for."""
    raw = {f"raw.{source}" for source in sources}
    meant = {target for name in raw for target in _column(app, name, "target")}
    fed = set(raw)
    for dataset in app.datasets.all.values():
        is_reached = not fed.isdisjoint(dataset.inputs)
        if is_reached and (dataset.name in meant or not isinstance(dataset, Events)):
            fed.add(dataset.name)
    return fed | {OBJECTS}


def _column(app: App, name: str, column: str) -> list[Any]:
    found: list[Any] = app.lake.table(name).scan(selected_fields=(column,)).to_arrow()[column].to_pylist()
    return found


def hashes(app: App, names: Sequence[str] = COMPUTED) -> dict[str, str]:
    """Content hash of every computed dataset that the application knows."""
    return {name: dataset_hash(app, name) for name in names if name in app.datasets.all}


__all__ = [
    "COLUMNS",
    "COMPUTED",
    "SOURCE",
    "deliver",
    "fed_by",
    "hashes",
    "knows_only",
    "open_home",
    "order_line",
    "over",
    "reopened",
    "session_over",
]
