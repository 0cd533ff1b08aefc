"""The home that nothing disturbs."""

import pytest
from pyspark.sql import SparkSession

from infra.app.app import App
from tests.faults.three_days import DATASETS, DAYS, land, ledger
from tests.support.home import SOURCE, hashes, open_home
from tests.support.oracle import check_records


@pytest.fixture(scope="session")
def undisturbed_home(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> App:
    """Three days taken in by one run, whose records have the fates of the shop's own ledger."""
    folder = tmp_path_factory.mktemp("undisturbed")
    app = open_home(folder, spark)
    land(app, folder, *DAYS)
    app.run(DATASETS)
    check_records(app, SOURCE, ledger())
    return app


@pytest.fixture(scope="session")
def undisturbed(undisturbed_home: App) -> dict[str, str]:
    """Content hashes of its tables: who has the same has its balance and its events."""
    return hashes(undisturbed_home, DATASETS)
