"""RFM of the CDNOW sample equals the reference summary published with it, through the product's own transform."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pandas as pd
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from spark_jobs.features.user_value import user_value
from tests.spark_jobs.features.test_user_value import LINE, STATE

CALIBRATION_END = date(1997, 9, 30)


def test_recency_frequency_and_age_are_those_of_the_reference(spark: SparkSession, datasets_dir: Path) -> None:
    lines = pd.read_csv(
        datasets_dir / "cdnow" / "CDNOW_sample.txt.gz",
        sep=r"\s+",
        names=["master", "customer", "day", "pieces", "amount"],
        dtype={"customer": int, "day": str},
    )
    bought = [
        (date.fromisoformat(row.day), "cdnow", str(row.customer), "USD", "", 1, Decimal(str(row.amount)), False)
        for row in lines.itertuples()
        if date.fromisoformat(row.day) <= CALIBRATION_END
    ]
    first = min(row[0] for row in bought)
    days = [(first + timedelta(days=offset),) for offset in range((CALIBRATION_END - first).days + 1)]

    valued = user_value(
        spark.createDataFrame(bought, LINE), spark.createDataFrame(days, "day date"), spark.createDataFrame([], STATE)
    ).where(F.col("day") == F.lit(CALIBRATION_END))
    found = valued.select(
        F.col("account_id").cast("int").alias("ID"),
        F.col("frequency").cast("double").alias("frequency"),
        F.round(F.col("recency_days") / 7, 2).alias("recency"),
        F.round(F.col("t_days") / 7, 2).alias("T"),
    ).toPandas()

    reference = pd.read_csv(datasets_dir / "cdnow" / "cdnow_customers_summary.csv.gz").astype({"frequency": float})
    pd.testing.assert_frame_equal(
        found.sort_values("ID", ignore_index=True),
        reference.sort_values("ID", ignore_index=True),
        check_dtype=False,
        check_column_type=False,
    )
