"""Real shop exports through the whole loop, held against what DuckDB computes directly from the files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pyspark.sql import SparkSession

from infra.app.app import App
from infra.app.warehouse import query
from infra.loop.result import Outcome
from tests.support.home import SOURCE, fed_by, open_home

# The reference reads every column as text, so that nothing is lost, and knows a cancellation by its C.
FILES_AS_ROWS = """
    select *, InvoiceDate[:10]::date as day, starts_with(InvoiceNo, 'C') as cancelled,
        Quantity::bigint * UnitPrice::decimal(18, 4) as amount
    from read_csv({files}, header = true, all_varchar = true, quote = '"', escape = '"', delim = ',')
"""


class Reference:
    """What the files say, by DuckDB alone."""

    def __init__(self, files: list[Path]) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(f"create table delivered as {FILES_AS_ROWS.format(files=[str(f) for f in files])}")
        self.connection.execute("create table line as select distinct * from delivered")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()


def published(app: App, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a query over the published events, as table `line`."""
    with duckdb.connect() as connection:
        connection.register("line", app.lake.table("events.order_line").scan().to_arrow())
        return connection.execute(sql).fetchall()


def marts(app: App, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a query over the analysts' file."""
    return query(app.settings.warehouse_file, sql)[1]


def check_against_files(app: App, files: list[Path]) -> None:
    """Rows, orders, net sales a day, customers a month, cancellations and exact duplicates are those of the files."""
    reference = Reference(files)
    assert published(app, "select day, count(*), sum(amount) from line group by 1 order by 1") == reference.rows(
        "select day, count(*), sum(amount) from line group by 1 order by 1"
    )
    assert published(app, "select count(*) from line where is_cancellation") == reference.rows(
        "select count(*) from line where cancelled"
    )
    assert marts(app, "select day, orders, net_sales from marts.growth_daily order by 1") == reference.rows(
        "select day, count(distinct InvoiceNo) filter (not cancelled), sum(amount)::decimal(18, 4) "
        "from line group by 1 order by 1"
    )
    assert published(
        app, "select date_trunc('month', day)::date, count(distinct account_id) from line group by 1 order by 1"
    ) == reference.rows(
        "select date_trunc('month', day)::date, count(distinct CustomerID) from line group by 1 order by 1"
    )
    assert marts(app, "select sum(duplicates) from marts.source_balance") == reference.rows(
        "select (select count(*) from delivered) - (select count(*) from line)"
    )
    assert marts(app, "select distinct balanced, quarantined from marts.source_balance") == [(True, 0)]


@pytest.fixture
def app(spark: SparkSession, tmp_path: Path) -> Iterator[App]:
    """An empty home."""
    return open_home(tmp_path, spark, only=["marts.growth_daily", "marts.source_balance"])


def test_three_days_one_by_one(app: App, datasets_dir: Path) -> None:
    files = sorted((datasets_dir / "online_retail").glob("*.csv.gz"))[:3]
    for file in files:
        app.land(SOURCE, file)
        results = {result.dataset: result for result in app.run()}
        published = {name for name, result in results.items() if result.outcome is Outcome.PUBLISHED}
        assert published == fed_by(app, SOURCE)
        assert results["events.order_line"].committed == (file.name.removesuffix(".csv.gz"),)

    check_against_files(app, files)


@pytest.mark.slow
def test_all_two_hundred_days_in_one_run(app: App, datasets_dir: Path) -> None:
    files = sorted((datasets_dir / "online_retail").glob("*.csv.gz"))
    for file in files:
        app.land(SOURCE, file)

    results = app.run()

    assert {result.dataset for result in results if result.outcome is Outcome.PUBLISHED} == fed_by(app, SOURCE)
    check_against_files(app, files)
