"""The gate on Spark says the same as on pandas."""

from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import expr
from pyspark.sql.types import DateType, DecimalType, LongType, StringType, StructField, StructType, TimestampType

from expectations.gate import evaluate
from tests.expectations.sales import RULES, SALES, frame, sale, sales_contract

pytestmark = [
    pytest.mark.usefixtures("quality_engine"),
    # A classic session leaves the sockets by which it collects rows to the garbage collector.
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket.socket:pytest.PytestUnraisableExceptionWarning"),
]

TYPES = [DateType(), StringType(), DecimalType(18, 4), LongType(), StringType(), StringType(), TimestampType()]


def _frame(spark: SparkSession, rows: list[dict[str, object]]) -> DataFrame:
    schema = StructType([StructField(name, kind) for name, kind in zip(SALES.names, TYPES, strict=True)])
    return spark.createDataFrame([tuple(row[name] for name in SALES.names) for row in rows], schema)


def test_both_engines_give_the_same_results(spark: SparkSession, tmp_path: Path) -> None:
    every_breach = [sale("a"), *(row for rows in RULES.values() for row in rows)]
    of = sales_contract(tmp_path)

    on_spark = evaluate(of, _frame(spark, every_breach), engine="spark")

    on_pandas = evaluate(of, frame(every_breach), engine="pandas")
    assert on_spark == on_pandas
    assert {result.name for result in on_spark if not result.passed} == set(RULES)


def test_no_rows_fail_on_spark_too(spark: SparkSession, tmp_path: Path) -> None:
    (result,) = evaluate(sales_contract(tmp_path), _frame(spark, []), engine="spark")

    assert result.closes_gate
    assert result.name == "rows_present"


def test_a_column_that_cannot_be_computed_fails_closed(spark: SparkSession, tmp_path: Path) -> None:
    rows = _frame(spark, [sale("a")]).withColumn("amount", expr("amount + cast(raise_error('secret') as int)"))

    results = evaluate(sales_contract(tmp_path), rows, engine="spark")

    assert all(result.closes_gate for result in results if result.column == "amount")
    assert "secret" not in repr(results)
