"""Two days of the community shop, with late, doubled and broken lines: every record ends as the shop's ledger says."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from pyspark.sql import SparkSession

from infra.app.app import App
from infra.app.warehouse import query
from infra.loop.run import Outcome, Result
from infra.simulator.ledger import Entry, read_ledger
from infra.simulator.shop_sample import ShopSample
from tests.support.home import deliver, open_home, order_line

SOURCE, RAW = "shop_plugin", "raw.shop_plugin"
TARGETS = ("events.interaction", "events.order_line")
DAYS = (date(2026, 3, 2), date(2026, 3, 3))
SAMPLE = ShopSample(visitors=30, sessions_a_day=25, dirt=0.1)


@dataclass
class Shop:
    """A home that two days were delivered to, one run each, and what the shop knows of every line."""

    app: App
    runs: list[dict[str, Result]]
    ledger: list[Entry]

    def rows(self, name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.app.lake.table(name).scan().to_arrow().to_pylist()
        return found

    def ids(self, name: str) -> list[str | None]:
        """The shop's own id of every row of an events table, found by the line it came from."""
        written = {(entry.object, entry.line): entry.id for entry in self.ledger}
        rows = [row for row in self.rows(name) if row["source"] == SOURCE]
        return sorted(str(written[row["object_name"], row["position"]]) for row in rows)


@pytest.fixture(scope="module")
def shop(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("shop")
    app = open_home(folder, spark)
    deliver(app, folder, "2026-03-02.csv.gz", [order_line()])
    runs = []
    for day in DAYS:
        for path in SAMPLE.deliver(day, folder / "delivered", folder / "ledger"):
            app.land(SOURCE, path)
        results = app.run([*TARGETS, "marts.source_balance"])
        assert not [result.detail for result in results if result.outcome is Outcome.FAILED]
        runs.append({result.dataset: result for result in results})
    ledger = [entry for path in sorted((folder / "ledger").iterdir()) for entry in read_ledger(path)]
    return Shop(app, runs, ledger)


def test_the_delivery_has_all_kinds_of_dirt(shop: Shop) -> None:
    assert {entry.verdict for entry in shop.ledger} == {"good", "duplicate", "quarantined"}
    assert len({entry.reason for entry in shop.ledger}) > 5
    assert {entry.event_day for entry in shop.ledger if entry.object.startswith("2026-03-03")} > set(DAYS)


@pytest.mark.parametrize("target", TARGETS)
def test_each_good_event_is_in_its_table_once_and_no_other(shop: Shop, target: str) -> None:
    good = [entry.id for entry in shop.ledger if entry.verdict == "good" and entry.target == target]

    assert good
    assert shop.ids(target) == sorted(str(name) for name in good)


@pytest.mark.parametrize("target", TARGETS)
def test_each_event_stands_in_its_business_day(shop: Shop, target: str) -> None:
    days = Counter(entry.event_day for entry in shop.ledger if entry.verdict == "good" and entry.target == target)

    assert Counter(row["day"] for row in shop.rows(target) if row["source"] == SOURCE) == days


def test_each_broken_line_is_quarantined_for_its_reason(shop: Shop) -> None:
    broken = {(e.object, e.line): e.reason for e in shop.ledger if e.verdict == "quarantined"}

    assert {(r["object_name"], r["position"]): r["reason"] for r in shop.rows(RAW) if r["reason"]} == broken


def test_the_balance_of_each_object_is_the_ledgers(shop: Shop) -> None:
    columns = "object_name, received, quarantined, good + duplicates, balanced"
    sql = f"select {columns} from marts.source_balance where source = '{SOURCE}'"
    received = Counter(entry.object for entry in shop.ledger)
    quarantined = Counter(entry.object for entry in shop.ledger if entry.verdict == "quarantined")

    found = query(shop.app.settings.warehouse_file, sql)[1]

    assert sorted(found) == [
        (name, lines, quarantined[name], lines - quarantined[name], True) for name, lines in sorted(received.items())
    ]


def test_the_duplicates_are_as_many_as_the_ledgers(shop: Shop) -> None:
    sql = f"select sum(duplicates), sum(conflicts), sum(superseded) from marts.source_balance where source = '{SOURCE}'"
    copies = [entry for entry in shop.ledger if entry.verdict == "duplicate"]

    assert [tuple(map(int, row)) for row in query(shop.app.settings.warehouse_file, sql)[1]] == [(len(copies), 0, 0)]


def test_late_events_restate_the_day_before(shop: Shop) -> None:
    assert "2026-03-02" in shop.runs[1]["events.interaction"].committed


def test_an_unknown_field_is_kept_beside_the_event(shop: Shop) -> None:
    extras = [dict(row["extra"]) for row in shop.rows(RAW) if row["extra"]]

    assert extras
    assert {tuple(extra.items()) for extra in extras} == {(("data.campaign", '"spring"'),)}


def test_the_other_source_of_the_table_is_in_it_too(shop: Shop) -> None:
    rows = shop.rows("events.order_line")

    assert {row["source"]: (row["namespace"], row["currency"]) for row in rows} == {
        SOURCE: ("community", "CNY"),
        "retail_export": ("retail", "GBP"),
    }


def test_the_gate_looked_at_the_ids_of_the_source_that_says_only_in_part_who_a_record_is(shop: Shop) -> None:
    verdicts = shop.app.verdicts.of("events.order_line")

    looked = [c.observed for verdict in verdicts for c in verdict.checks if c.name.startswith("event ids stand once")]
    assert "0 ids in more than one day" in looked


def test_a_further_run_has_nothing_to_do(shop: Shop) -> None:
    results = shop.app.run([*TARGETS, "marts.source_balance"])

    assert {result.outcome for result in results} == {Outcome.UNCHANGED}
