"""What Spark wrote is what dbt reads: at the pinned version, and without the rows it deleted."""

from pathlib import Path

import duckdb
import pytest
from pyspark.sql import SparkSession

from infra.app.dbt_staging import PinnedTable, create_staging, lake_reader_files


# PySpark leaves the sockets of collected rows to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("delete_mode", ["copy-on-write", "merge-on-read"])
def test_a_table_that_spark_wrote_is_read_at_the_pinned_version(
    spark: SparkSession, tmp_path: Path, delete_mode: str
) -> None:
    catalog = f"lake_of_{delete_mode.replace('-', '_')}"
    spark.conf.set(f"spark.sql.catalog.{catalog}", "org.apache.iceberg.spark.SparkCatalog")
    spark.conf.set(f"spark.sql.catalog.{catalog}.type", "hadoop")
    spark.conf.set(f"spark.sql.catalog.{catalog}.warehouse", tmp_path.as_uri())
    table = f"{catalog}.events.small"
    spark.sql(
        f"create table {table} (day date, amount decimal(18,4)) using iceberg partitioned by (day)"
        f" tblproperties ('format-version' = '2', 'write.delete.mode' = '{delete_mode}')"
    )
    spark.sql(
        f"insert into {table} select /*+ coalesce(1) */ * from"
        " values (date'2011-01-04', 1), (date'2011-01-04', 2), (date'2011-01-05', 4)"
    )
    spark.sql(f"delete from {table} where amount = 2")

    history = [
        row.snapshot_id
        for row in spark.sql(f"select snapshot_id from {table}.snapshots order by committed_at").collect()
    ]
    log = spark.sql(f"select file from {table}.metadata_log_entries order by timestamp desc").collect()
    assert [total(tmp_path / "staging.duckdb", PinnedTable("events.small", log[0].file, pin)) for pin in history] == [
        7,
        5,
    ]


def total(staging: Path, table: PinnedTable) -> int:
    """Sum of the amounts that a staging file shows."""
    create_staging(staging, [table])
    with duckdb.connect(str(staging), read_only=True) as connection:
        for file in lake_reader_files():
            connection.execute(f"load '{file}'")
        return int(connection.execute(f"select sum(amount) from {table.name}").fetchall()[0][0])
