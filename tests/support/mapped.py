"""What the mapping of a source makes of one delivered object."""

from datetime import datetime
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from expectations.contract import CONTRACTS, Contract, read_contract
from infra.app.kinds.mapping import enveloped
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
    targets = {name: read_contract(CONTRACTS / f"{name.replace('.', '/')}.odcs.yaml") for name in form.targets}
    return sorted(enveloped(contract, targets, records).collect(), key=lambda row: row["position"])
