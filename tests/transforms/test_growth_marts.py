"""What the growth marts say about a handful of order lines."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from infra.app.dbt_project import DbtProject, MartResult
from tests.transforms.small_lake import SmallLake, build, failed, line, rows

GROWTH = ("marts.growth_daily", "marts.retention_cohort", "marts.repeat_purchase")
LINES = [
    line("2010-12-01", "a", "10.5000", order="1"),
    line("2010-12-01", "a", "2.2500", order="1"),
    line("2010-12-01", None, "1.0001", order="2"),
    line("2010-12-01", "a", "-4.0000", order="C3"),
    line("2010-12-31", "b", "5.0000", order="4"),
    line("2011-01-30", "a", "7.0000", order="5"),
    line("2011-01-30", "a", "8.0000", order="6"),
    line("2011-01-30", "c", "-8.0000", order="C7"),
    line("2011-01-31", "b", "3.0000", order="8", currency="EUR"),
    line("2011-02-01", "c", "1.0000", order="9"),
]


@dataclass(frozen=True)
class Built:
    """The growth marts over `LINES`, closed through 31 January."""

    staging: Path
    results: dict[str, MartResult]


@pytest.fixture(scope="module")
def built(project: DbtProject, tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("growth")
    table = SmallLake(folder / "lake").add("events.order_line", LINES)
    staging = folder / "staging.duckdb"
    return Built(staging, build(project, staging, [table], dict.fromkeys(GROWTH, "2011-01-31")))


@pytest.mark.parametrize("mart", GROWTH)
def test_every_test_and_unit_test_of_the_mart_ran_and_passed(built: Built, mart: str) -> None:
    result = built.results[mart]

    assert result.passed, result.error
    assert failed(result) == {}
    short_name = mart.removeprefix("marts.")
    assert sum(check.name.startswith(short_name) for check in result.checks) >= 4


def test_growth_daily_counts_customers_orders_and_money_by_day_source_and_currency(built: Built) -> None:
    found = rows(
        built.staging,
        "select day, currency, active_customers, new_customers, orders, gross_sales, net_sales, complete_through"
        " from marts.growth_daily order by day, currency",
    )

    through = date(2011, 1, 31)
    assert found == [
        (date(2010, 12, 1), "GBP", 1, 1, 2, Decimal("13.7501"), Decimal("9.7501"), through),
        (date(2010, 12, 31), "GBP", 1, 1, 1, Decimal("5.0000"), Decimal("5.0000"), through),
        (date(2011, 1, 30), "GBP", 1, 0, 2, Decimal("15.0000"), Decimal("7.0000"), through),
        (date(2011, 1, 31), "EUR", 1, 0, 1, Decimal("3.0000"), Decimal("3.0000"), through),
        (date(2011, 2, 1), "GBP", 1, 1, 1, Decimal("1.0000"), Decimal("1.0000"), through),
    ]


def test_retention_cohort_shows_each_month_up_to_the_last_closed_day(built: Built) -> None:
    found = rows(
        built.staging,
        "select cohort_month, months_since, customers, active_customers, retention, month_is_complete"
        " from marts.retention_cohort order by cohort_month, months_since",
    )

    december = date(2010, 12, 1)
    assert found == [
        (december, 0, 2, 2, Decimal(1), True),
        (december, 1, 2, 2, Decimal(1), True),
    ]


def test_repeat_purchase_is_silent_about_horizons_that_not_all_customers_could_reach(built: Built) -> None:
    found = rows(
        built.staging,
        "select cohort_month, customers, repeat_customers, repeat_share, median_days_to_second,"
        " repeat_share_30d, repeat_share_60d, repeat_share_90d from marts.repeat_purchase",
    )

    # Back after 60 and 31 days; the second customer was observed for 31 days.
    assert found == [(date(2010, 12, 1), 2, 2, Decimal(1), Decimal("45.5"), Decimal(0), None, None)]


def test_money_shares_and_days_have_the_types_of_the_contract(built: Built) -> None:
    types = dict(
        rows(
            built.staging,
            "select table_name || '.' || column_name, data_type from duckdb_columns() where schema_name = 'marts'",
        )
    )

    assert types["growth_daily.gross_sales"] == types["growth_daily.net_sales"] == "DECIMAL(18,4)"
    assert types["retention_cohort.retention"] == types["repeat_purchase.repeat_share_30d"] == "DECIMAL(9,6)"
    assert {types[f"{mart.removeprefix('marts.')}.complete_through"] for mart in GROWTH} == {"DATE"}


def test_the_tables_carry_the_meaning_of_their_columns(built: Built) -> None:
    comments = rows(
        built.staging,
        "select comment from duckdb_columns() where table_name = 'growth_daily' and column_name = 'new_customers'",
    )

    assert "first such day ever" in comments[0][0]


def test_without_a_closed_day_there_are_days_and_no_cohorts(
    project: DbtProject, lake: SmallLake, tmp_path: Path
) -> None:
    table = lake.add("events.order_line", LINES)
    staging = tmp_path / "staging.duckdb"

    results = build(project, staging, [table], dict.fromkeys(GROWTH))

    assert [result.passed for result in results.values()] == [True, True, True]
    assert rows(staging, "select count(*), count(complete_through) from marts.growth_daily") == [(5, 0)]
    assert rows(staging, "select count(*) from marts.retention_cohort") == [(0,)]
    assert rows(staging, "select count(*) from marts.repeat_purchase") == [(0,)]
