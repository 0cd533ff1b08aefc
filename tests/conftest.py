"""One Spark JVM for all tests; every test that needs a lake gets a home and a session of its own in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from infra.app.session import spark_settings
from infra.lake.settings import Settings, run_workers_with


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """A local session with Iceberg on its path."""
    import sys

    run_workers_with(sys.executable)
    home = tmp_path_factory.mktemp("spark")
    settings = {**spark_settings(Settings(home=home)), "spark.sql.shuffle.partitions": "2"}
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
