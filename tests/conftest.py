"""One Spark JVM for all tests; every test that needs a lake gets a home and a session of its own in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from infra.app.session import spark_settings
from infra.lake.settings import Settings, run_workers_with
from tests.support.home import FEW_ROWS
from tests.support.object_server import KEY, SECRET, ObjectServer, serving_objects


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole data sets first: begun last, a single test of minutes would leave the other processors idle."""
    items.sort(key=lambda item: not item.nodeid.startswith("tests/real/"))


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """A local session with Iceberg on its path."""
    import sys

    run_workers_with(sys.executable)
    home = tmp_path_factory.mktemp("spark")
    settings = {**spark_settings(Settings(home=home)), **FEW_ROWS}
    # The product's own session needs no default catalogue before tables exist; plain frames in tests neither.
    settings.pop("spark.sql.defaultCatalog")
    builder = SparkSession.builder.master("local[2]").appName("guanxi-tests")
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def datasets_dir() -> Path:
    """Folder of the public data sets; tests that need it are skipped where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "datasets"
    if not folder.is_dir():
        pytest.skip("the public data sets are not on this machine")
    return folder


@pytest.fixture(scope="session")
def object_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectServer]:
    """An S3 server of the tests' own."""
    with serving_objects(tmp_path_factory.mktemp("objects")) as server:
        yield server


@pytest.fixture
def bucket(object_server: ObjectServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """A new bucket, and credentials for it where boto3 looks for them."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    return object_server.new_bucket()
