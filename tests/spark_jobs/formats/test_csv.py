from datetime import datetime
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession

from spark_jobs.formats.csv import OPTIONS, misfit, read_records
from spark_jobs.functions.wire_column import WireColumn


def landed(spark: SparkSession, file: Path) -> DataFrame:
    """One object of a landing store, as a format reads it."""
    return spark.createDataFrame(
        [("f" * 64, file.name, str(file), datetime(2026, 3, 3, 7, 30))],
        "object_sha256 string, object_name string, path string, received_at timestamp",
    )


def test_a_column_may_be_called_otherwise_in_the_header(spark: SparkSession, tmp_path: Path) -> None:
    file = tmp_path / "tickets.csv"
    file.write_text("Ticket No.;item\nT1;\n")
    objects = landed(spark, file)
    columns = [WireColumn("ticket", "Ticket No."), WireColumn("item", "item")]

    (row,) = read_records(objects, columns=columns, options={"type": "csv", "delimiter": ";"}).collect()

    assert (row["fields"].asDict(), row["position"], row["problem"]) == ({"ticket": "T1", "item": None}, 2, None)


def test_all_that_a_delimited_text_has_is_strings() -> None:
    assert misfit([WireColumn("a", "a")], {}) is None
    typed = misfit([WireColumn("a", "a", "integer")], {})
    assert typed == "column a is declared as integer, and all that CSV has is string"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"header": "no"}, "header is true or false, not no"),
        ({"rest": "b"}, "rest is for objects without a header, and header is not false"),
        ({"header": False, "rest": "a"}, "rest is the last column after others, not a"),
        ({"header": False, "rest": "b"}, None),
        ({"header": False}, None),
    ],
)
def test_the_rest_of_a_record_is_the_last_column_of_what_has_no_header(
    options: dict[str, object], why: str | None
) -> None:
    assert misfit([WireColumn("a", "a"), WireColumn("b", "b")], options) == why
    assert options.keys() <= OPTIONS


def test_records_without_a_header_are_read_by_the_places_of_their_columns(spark: SparkSession, tmp_path: Path) -> None:
    file = tmp_path / "groups.tsv"
    file.write_text("u1\tp1\tu2\tu3\nu4\tp2\n")
    objects = landed(spark, file)
    columns = [WireColumn("opener", "opener"), WireColumn("item", "item"), WireColumn("others", "others")]
    options = {"type": "csv", "delimiter": "\t", "header": False, "rest": "others"}

    rows = read_records(objects, columns=columns, options=options).collect()

    assert [tuple(row["fields"]) for row in rows] == [("u1", "p1", "u2\tu3"), ("u4", "p2", None)]
