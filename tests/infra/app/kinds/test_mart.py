"""Up to when a mart is complete."""

from pathlib import Path

from pyspark.sql import SparkSession

from infra.lake import provenance
from tests.support.home import deliver, open_home, order_line

BALANCE = "marts.source_balance"


def test_a_source_that_never_delivered_does_not_keep_a_mart_from_being_complete(
    spark: SparkSession, tmp_path: Path
) -> None:
    app = open_home(tmp_path, spark)
    deliver(app, tmp_path, "a.csv.gz", [order_line(), order_line("500002", at="2026-03-05 09:00:00")])

    app.run([BALANCE])

    published = provenance.published(app.lake.table(BALANCE))
    assert published is not None
    # One day before the newest: the lateness that the retail contract declares.
    assert published.complete_through == "2026-03-04"
