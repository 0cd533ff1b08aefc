"""A difference names the deliveries behind the changed rows, and no others."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from infra.app.app import App
from infra.app.diff import Difference, diff
from infra.app.lineage import published_versions
from tests.support.home import deliver, open_home, order_line

ANNA, BERT = "10001.0", "10002.0"


@pytest.fixture(scope="module")
def shop(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> App:
    """Anna's first order is corrected in the same run in which a later order of Bert comes."""
    folder = tmp_path_factory.mktemp("diff")
    app = open_home(folder, spark, only=["features.purchase_30d", "features.user_value", "marts.growth_daily"])
    wrong = deliver(app, folder, "anna.csv.gz", [order_line("500001", customer=ANNA)])
    deliver(app, folder, "bert.csv.gz", [order_line("500002", customer=BERT)])
    app.run()
    deliver(app, folder, "anna-again.csv.gz", [order_line("500001", customer=ANNA, price="3.00")], [wrong])
    deliver(app, folder, "bert-later.csv.gz", [order_line("500003", customer=BERT, at="2026-03-04 10:00:00")])
    app.run()
    return app


def last_change(app: App, name: str) -> Difference:
    """The difference between the last two published versions."""
    newest, before = [version.snapshot_id for version in published_versions(app.lake.table(name))][:2]
    return diff(app, name, before, newest)


def names(found: Difference) -> list[str]:
    """The deliveries without their hashes."""
    return [landed.split(" (")[0] for landed in found.objects]


def test_events_name_the_objects_that_their_rows_carry(shop: App) -> None:
    assert names(last_change(shop, "events.order_line")) == [
        "+ anna-again.csv.gz",
        "+ bert-later.csv.gz",
        "- anna.csv.gz",
    ]


def test_a_feature_names_the_deliveries_in_the_windows_of_its_changed_days(shop: App) -> None:
    found = last_change(shop, "features.purchase_30d")

    assert found.partitions == ("2026-03-02", "2026-03-03", "2026-03-04")
    assert names(found) == ["+ anna-again.csv.gz", "+ bert-later.csv.gz", "- anna.csv.gz"]


def test_a_feature_narrows_to_the_accounts_whose_rows_changed(spark: SparkSession, tmp_path: Path) -> None:
    app = open_home(tmp_path, spark, only=["features.user_value"])
    deliver(app, tmp_path, "first.csv.gz", [order_line("500001", customer=ANNA), order_line("500002", customer=BERT)])
    app.run(["features.user_value"])
    deliver(app, tmp_path, "same-day.csv.gz", [order_line("500003", customer=ANNA)])
    deliver(app, tmp_path, "another.csv.gz", [order_line("500004", customer="10003.0")])
    app.run(["features.user_value"])

    found = last_change(app, "features.user_value")

    assert [row["account_id"] for row in found.rows] == ["10003"]
    assert names(found) == ["+ another.csv.gz"]


def test_a_mart_names_deliveries_that_left_and_that_came(shop: App) -> None:
    assert names(last_change(shop, "marts.growth_daily")) == [
        "+ anna-again.csv.gz",
        "+ bert-later.csv.gz",
        "- anna.csv.gz",
    ]


def test_rows_of_a_mart_that_only_became_complete_further_do_not_differ(shop: App) -> None:
    found = last_change(shop, "marts.growth_daily")

    assert found.complete_through == ("2026-03-01", "2026-03-03")
    assert {str(row["day"]) for row in found.rows if row["change"] == "-"} == {"2026-03-02"}


def test_equal_versions_name_no_delivery(shop: App) -> None:
    version = published_versions(shop.lake.table("features.user_value"))[0].snapshot_id

    found = diff(shop, "features.user_value", version, version)

    assert (found.left, found.came, found.objects, found.partitions) == (0, 0, (), ())
