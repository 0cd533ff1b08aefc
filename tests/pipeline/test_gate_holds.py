"""A delivery that breaks a critical rule is held back by source and day; everything else goes on, and catches up."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from infra.app.accept import NothingHeldError, accept
from infra.app.app import App
from infra.app.status import DatasetStatus, status
from infra.app.warehouse import query
from infra.loop.result import Outcome, Result
from tests.support.home import SOURCE, deliver, fed_by, hashes, open_home, order_line

pytestmark = pytest.mark.fault(36, how="a price that no shop asks for, and mended", part=True)

GOOD = [order_line(invoice=f"50000{n}", customer=f"1000{n}.0") for n in range(5)]
# Well-formed, so the mapping takes it, but no shop sells a thing for this: the contract's range closes the gate.
ABSURD = order_line(invoice="509999", at="2026-03-03 10:00:00", price="99999999.99")
NEXT_DAY = order_line(invoice="500200", at="2026-03-05 10:00:00", customer="10002.0")


@dataclass
class Shop:
    """One home and what its commands say."""

    app: App
    files: Path

    def run(self) -> dict[str, Result]:
        return {result.dataset: result for result in self.app.run()}

    def status(self) -> dict[str, DatasetStatus]:
        return {row.dataset: row for row in status(self.app)}

    def days(self) -> list[Any]:
        sql = "select strftime(day, '%Y-%m-%d') from marts.growth_daily order by day"
        return [row[0] for row in query(self.app.settings.warehouse_file, sql)[1]]


@pytest.fixture(scope="module")
def shop(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("held")
    shop = Shop(open_home(folder, spark, only=["features.user_value", "marts.growth_daily"]), folder / "files")
    deliver(shop.app, shop.files, "good.csv.gz", GOOD)
    shop.run()
    return shop


@pytest.fixture(scope="module")
def held_object(shop: Shop) -> str:
    """The delivery that is held, landed once for all tests below."""
    return deliver(shop.app, shop.files, "absurd.csv.gz", [ABSURD])


@pytest.mark.fault(36, how="a price that no shop asks for")
def test_1_the_failing_sources_days_stay_as_published(shop: Shop, held_object: str) -> None:
    before = hashes(shop.app, ["events.order_line"])

    results = shop.run()

    assert results["events.order_line"].outcome is Outcome.PUBLISHED
    assert results["events.order_line"].committed == ()
    assert "retail_export" in results["events.order_line"].detail
    assert hashes(shop.app, ["events.order_line"]) == before


def test_2_status_says_what_is_held_and_why(shop: Shop) -> None:
    row = shop.status()["events.order_line"]

    assert row.state == "held"
    assert "retail_export" in row.held[0]
    assert "unit_price" in row.held[0] or "amount" in row.held[0]
    # What is held is not complete.
    assert (row.complete_through or "") < "2026-03-03"


def test_3_a_held_build_is_not_repeated(shop: Shop) -> None:
    again = shop.run()
    assert {result.outcome for result in again.values()} == {Outcome.UNCHANGED}


def test_4_the_next_days_go_out_beside_the_held_ones(shop: Shop) -> None:
    deliver(shop.app, shop.files, "next.csv.gz", [NEXT_DAY])

    results = shop.run()

    assert results["events.order_line"].committed == ("2026-03-05",)
    assert shop.days() == ["2026-03-02", "2026-03-05"]
    # A day that was held when it first came was never out, so nothing is complete through it.
    assert shop.status()["events.order_line"].complete_through == "2026-03-02"


def test_5_a_superseding_delivery_catches_up_by_itself(shop: Shop, held_object: str) -> None:
    mended = order_line(invoice="509999", at="2026-03-03 10:00:00", price="99.99")
    deliver(shop.app, shop.files, "mended.csv.gz", [mended], supersedes=[held_object])

    results = shop.run()

    assert results["events.order_line"].committed == ("2026-03-03",)
    assert shop.days() == ["2026-03-02", "2026-03-03", "2026-03-05"]
    assert {name for name, row in shop.status().items() if row.state == "level"} == fed_by(shop.app, SOURCE)


def test_6_what_is_accepted_by_hand_goes_out(shop: Shop) -> None:
    with pytest.raises(NothingHeldError, match="guanxi status"):
        accept(shop.app, "features.user_value", "for fun")
    deliver(
        shop.app,
        shop.files,
        "dear.csv.gz",
        [order_line(*("509998", "1001", "A GEM", 1, "2026-03-04 10:00:00"), "99999999")],
    )
    shop.run()
    assert shop.status()["events.order_line"].state == "held"

    accept(shop.app, "events.order_line", "it really was that dear", source="retail_export")
    results = shop.run()

    assert results["events.order_line"].committed == ("2026-03-04",)
    assert {name for name, row in shop.status().items() if row.state == "level"} == fed_by(shop.app, SOURCE)
