"""What the scheduler loads once, so that every task, which is forked from it, has it: modules and no session.

Of the jobs (`spark_jobs`) nothing is loaded, only what their texts mean is worked out: each task imports them as they
are written when it runs, and its code hash says the same.
"""

import gc
import importlib
from typing import Final

from infra.app.code import work_out

MODULES: Final = (
    "datacontract.data_contract",
    "datacontract.export.great_expectations_exporter",
    "datacontract.export.iceberg_exporter",
    "dbt.adapters.duckdb",
    "dbt.cli.main",
    "dbt.task.build",
    "great_expectations",
    "infra.app.kinds.assess",
    "infra.app.tasks",
    "pyarrow.dataset",
    "pyiceberg.catalog.sql",
    "pyiceberg.io.pyarrow",
    "pyspark.sql.connect.functions",
    "pyspark.sql.connect.session",
)


def preload() -> None:
    """Load everything; what is loaded is kept out of the garbage collector's rounds, which every task would repeat."""
    for module in MODULES:
        importlib.import_module(module)
    work_out()
    gc.collect()
    gc.freeze()
