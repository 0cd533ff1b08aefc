"""The pages of one small home, written once for the tests of a module."""

from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession

from infra.app.app import App
from infra.app.pages import write_pages
from infra.app.session import Engine
from infra.lake.settings import Settings
from tests.infra.app.pages.small_site import ABSURD, LONG_NAME, ODD_NAME, UNREAD, Written, parse, refuse
from tests.support.home import deliver, open_home, order_line


@pytest.fixture(scope="module")
def written(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    folder = tmp_path_factory.mktemp("pages")
    app = open_home(folder, spark)
    sound = [order_line(invoice=f"50000{n}") for n in range(3)]
    deliver(app, folder / "files", LONG_NAME, [*sound, UNREAD])
    marts = ["marts.source_balance", "marts.source_lateness"]
    app.run(marts)
    deliver(app, folder / "files", ODD_NAME, [ABSURD])
    app.run(marts)
    refuse(app)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "spark", property(lambda _: pytest.fail("pages are written without Spark")))
        reader = App(Settings(home=folder / "home"))
        out = folder / "site"
        assert write_pages(reader, out) == out / "index.html"
        yield Written(reader, out, parse(out))
