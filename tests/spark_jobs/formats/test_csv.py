from datetime import datetime
from pathlib import Path

from pyspark.sql import SparkSession

from spark_jobs.formats.csv import misfit, read_records
from spark_jobs.functions.wire_column import WireColumn


def test_a_column_may_be_called_otherwise_in_the_header(spark: SparkSession, tmp_path: Path) -> None:
    file = tmp_path / "tickets.csv"
    file.write_text("Ticket No.;item\nT1;\n")
    objects = spark.createDataFrame(
        [("f" * 64, file.name, str(file), datetime(2026, 3, 3, 7, 30))],
        "object_sha256 string, object_name string, path string, received_at timestamp",
    )
    columns = [WireColumn("ticket", "Ticket No."), WireColumn("item", "item")]

    (row,) = read_records(objects, columns=columns, options={"type": "csv", "delimiter": ";"}).collect()

    assert (row["fields"].asDict(), row["position"], row["problem"]) == ({"ticket": "T1", "item": None}, 2, None)


def test_all_that_a_delimited_text_has_is_strings() -> None:
    assert misfit([WireColumn("a", "a")], {}) is None
    typed = misfit([WireColumn("a", "a", "integer")], {})
    assert typed == "column a is declared as integer, and all that CSV has is string"
