"""Guanxi homes for measuring: the product's own session settings, several homes one after another on one JVM."""

from collections.abc import Iterable
from pathlib import Path

from infra.app.app import App
from infra.app.session import spark_settings
from infra.lake.settings import Settings
from tests.support.home import SOURCE, open_home

PARTITIONS = "spark.sql.shuffle.partitions"


def started(folder: Path) -> App:
    """An application over `folder/home` whose Spark session runs and has answered a first query."""
    app = App(Settings(home=folder / "home"))
    app.engine.spark.range(1).count()
    return app


def another(folder: Path, running: App) -> App:
    """A further home on the JVM of a running one, with the settings the product itself would use."""
    app = open_home(folder, running.engine.spark)
    app.engine.spark.conf.set(PARTITIONS, spark_settings(app.settings)[PARTITIONS])
    return app


def land(app: App, files: Iterable[Path]) -> None:
    """Deliver exports."""
    for file in sorted(files):
        app.land(SOURCE, file)
