"""Guanxi homes for measuring: the product's own session settings, several homes one after another on one JVM."""

from collections.abc import Iterable
from pathlib import Path

from infra.app.app import App
from infra.app.session import spark_settings
from infra.lake.settings import Settings
from tests.support.home import FEW_ROWS, SOURCE, open_home


def started(folder: Path) -> App:
    """An application over `folder/home` whose Spark session runs and has answered a first query."""
    app = App(Settings(home=folder / "home"))
    app.engine.spark.range(1).count()
    return app


def another(folder: Path, running: App) -> App:
    """A further home on the JVM of a running one, with the settings the product itself would use."""
    app = open_home(folder, running.engine.spark)
    product = spark_settings(app.settings)
    for key in FEW_ROWS:
        if key in product:
            app.engine.spark.conf.set(key, product[key])
        else:
            app.engine.spark.conf.unset(key)
    return app


def land(app: App, files: Iterable[Path]) -> None:
    """Deliver exports."""
    for file in sorted(files):
        app.land(SOURCE, file)
