"""What the mapping of a source makes of one delivered object."""

import importlib
from datetime import datetime
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from expectations.contract import Contract
from infra.app.kinds.record_format import record_format, wire_columns

RECEIVED_AT = datetime(2026, 3, 3, 7, 30)


def mapped(spark: SparkSession, contract: Contract, file: Path) -> list[Any]:
    """The rows for the records of an object received on 3 March 2026, in their order."""
    form = contract.source
    assert form is not None
    objects = spark.createDataFrame(
        [("f" * 64, file.name, str(file), RECEIVED_AT)],
        "object_sha256 string, object_name string, path string, received_at timestamp",
    )
    records = record_format(contract).read_records(objects, columns=wire_columns(contract), options=form.format)
    mapping = getattr(importlib.import_module(f"spark_jobs.{contract.name}"), contract.short_name)
    rows = mapping(
        records,
        namespace=form.namespace,
        timezone=form.timezone,
        currency=form.currency,
        first_day=contract.first_day,
    )
    return sorted(rows.collect(), key=lambda row: row["position"])
