from datetime import date

from pyspark.sql import SparkSession

from spark_jobs.functions.object_day import object_day, object_day_rule

NAMES = {
    "2026-03-02.follows.csv.gz": date(2026, 3, 2),
    "2026-03-02-follows.csv": date(2026, 3, 2),
    "2026-02-30.follows.csv": None,
    "20260302.follows.csv": None,
    "2026-03-021.csv": None,
    "follows.2026-03-02.csv": None,
}
"""Names of objects and the day that each begins with."""


def test_the_day_of_a_record_is_that_which_the_name_of_its_object_begins_with(spark: SparkSession) -> None:
    records = spark.createDataFrame([(name,) for name in NAMES], "object_name string")
    rule = object_day_rule()

    found = records.select("object_name", object_day().alias("day"), rule.broken.alias("broken")).collect()

    assert {row["object_name"]: row["day"] for row in found} == NAMES
    assert all(row["broken"] is (row["day"] is None) for row in found)
