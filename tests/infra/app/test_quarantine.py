"""The quarantine of a small home: grouped by cause, shown safely, and told to people where it is too much."""

import gzip
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from infra.app import steps, tasks
from infra.app.app import App
from infra.app.error_rate import too_many_quarantined
from infra.app.notify import Notice
from infra.app.quarantine import Cause, read_causes, shares, unread_records
from infra.app.quarantined_records import Wanted, read_records
from infra.app.replay import find_replay
from infra.lake.errors import GuanxiError
from infra.lake.settings import Settings
from infra.loop.result import Result
from tests.support.home import SOURCE, deliver, open_home, order_line

RAW = "raw.retail_export"
SECRET = "77123"
UNSOUND = [
    order_line("500003", quantity="two", customer=f"{SECRET}.0"),
    order_line("500004", quantity="three", name="\x1b[31mRED"),
    order_line("500005", customer="no number"),
]


@dataclass
class Shop:
    """A home with two objects, one of them unreadable as a whole, and the results of the run that decoded them."""

    app: App
    results: list[Result]

    def causes(self) -> dict[str, Cause]:
        return {cause.reason: cause for cause in read_causes(self.app)}


@pytest.fixture(scope="module")
def shop(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("quarantine")
    app = open_home(folder, spark)
    deliver(app, folder, "a.csv", [order_line(), order_line("500002"), *UNSOUND])
    (folder / "b.csv.gz").write_bytes(b"\x1f\x8b and no more")
    app.land(SOURCE, folder / "b.csv.gz")
    results = app.run([RAW])
    return Shop(App(Settings(home=folder / "home")), results)


def test_records_are_grouped_by_the_rule_that_they_broke(shop: Shop) -> None:
    causes = shop.causes()

    assert {reason: (cause.records, cause.objects) for reason, cause in causes.items()} == {
        "invalid_quantity": (2, 1),
        "invalid_customer": (1, 1),
        "unreadable_object": (1, 1),
    }
    assert causes["invalid_customer"].rule == "CustomerID is empty or a number such as 17850 or 17850.0"
    assert read_causes(shop.app)[0].reason == "invalid_quantity"


def test_a_cause_has_an_example_that_can_be_looked_up(shop: Shop) -> None:
    example = shop.causes()["invalid_quantity"].example

    assert (example.object_name, example.position) == ("a.csv", 4)
    assert "three" not in str(example)
    lines = gzip.decompress(Path(example.path).read_bytes()).decode().splitlines()
    assert ",two," in lines[example.position - 1]


def test_a_mapping_that_may_be_wrong_is_named_and_a_malformed_object_asks_for_its_sender(shop: Shop) -> None:
    causes = shop.causes()

    assert "mend spark_jobs/raw/retail_export.py" in causes["invalid_customer"].remedy
    assert "guanxi quarantine replay retail_export --reason invalid_customer" in causes["invalid_customer"].remedy
    assert causes["unreadable_object"].remedy.startswith("Have the sender write it again")


def test_what_was_received_before_the_day_asked_for_is_left_out(shop: Shop) -> None:
    today = datetime.now(UTC).date()

    assert read_causes(shop.app, since=today + timedelta(days=1)) == []
    assert len(read_causes(shop.app, since=today - timedelta(days=1))) == 3


def test_a_record_is_shown_with_the_contract_and_the_code_that_judged_it(shop: Shop) -> None:
    (record,), count = read_records(shop.app, SOURCE, Wanted("invalid_customer"))

    assert (count, record.object_name, record.position) == (1, "a.csv", 6)
    assert record.contract_version == shop.app.datasets.sources[SOURCE].version == "1.0.0"
    assert record.mapping_code == record.present_code == shop.app.datasets.all[RAW].node.code
    assert record.original == "500005,1001,TEA TOWEL,2,2026-03-02 10:00:00,2.50,no number,United Kingdom"


def test_no_control_character_of_a_record_is_shown_as_such(shop: Shop) -> None:
    records, _ = read_records(shop.app, SOURCE, Wanted())

    assert any(r"\x1b[31mRED" in record.original for record in records)
    assert any(r"\x1f\x8b and no more" in record.original for record in records)
    assert all(record.original.isprintable() for record in records)


def test_a_record_is_found_by_its_object_and_place_and_cut_to_what_was_asked_for(shop: Shop) -> None:
    by_name, _ = read_records(shop.app, SOURCE, Wanted(object="a.csv", position=5, bytes_shown=6))
    by_hash, _ = read_records(shop.app, SOURCE, Wanted(object=by_name[0].object_sha256[:12], position=5))
    first, count = read_records(shop.app, SOURCE, Wanted(object="a.csv", limit=1))

    assert by_name[0].original.startswith("500004... (")
    assert by_hash[0].position == 5
    assert (len(first), count) == (1, 3)


def test_what_is_not_there_is_refused_with_the_reasons_that_are(shop: Shop) -> None:
    with pytest.raises(GuanxiError, match="Reasons there: invalid_customer, invalid_quantity, unreadable_object"):
        read_records(shop.app, SOURCE, Wanted("invalid_price"))


def test_shares_are_by_the_day_of_receipt_and_need_no_scan(shop: Shop) -> None:
    (day,) = shares(shop.app, shop.app.source(SOURCE))

    assert (day.received, day.quarantined, day.share) == (6, 4, 4 / 6)
    assert day.day in {datetime.now(UTC).date(), datetime.now(UTC).date() - timedelta(days=1)}
    assert unread_records(shop.app, shop.app.source("social_a")) == 0


def test_what_the_present_code_has_judged_is_not_replayed(shop: Shop) -> None:
    found = find_replay(shop.app, SOURCE, "invalid_quantity")

    assert (found.objects, found.as_they_are) == ({}, 2)


def test_a_source_with_more_unread_than_it_may_have_is_told_with_counts_alone(shop: Shop) -> None:
    (notice,) = too_many_quarantined(shop.app, shop.results)

    assert notice.subject == "retail_export: 66.7% quarantined"
    assert "4 of 6 records" in notice.text
    assert "1.0% may be: invalid_quantity 2" in notice.text
    assert "`guanxi quarantine list --source retail_export`" in notice.text
    assert SECRET not in notice.text


def test_a_source_that_may_have_so_much_unread_is_not_told_of(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    contract = shop.app.datasets.sources[SOURCE]
    sources = {SOURCE: replace(contract, error_rate=4 / 6)}
    monkeypatch.setattr(shop.app.datasets, "sources", sources)

    assert too_many_quarantined(shop.app, shop.results) == []


def test_only_what_a_run_decoded_counts(spark: SparkSession, tmp_path: Path) -> None:
    app = open_home(tmp_path, spark)
    deliver(app, tmp_path, "bad.csv", UNSOUND)
    deliver(app, tmp_path, "other.csv", [order_line()])
    first = too_many_quarantined(app, app.run([RAW]))
    deliver(app, tmp_path, "good.csv", [order_line("500009")])

    second = too_many_quarantined(app, app.run([RAW]))

    assert (len(first), second) == (1, [])


def test_a_table_from_before_contract_versions_were_kept_is_replayed_by_any_code(shop: Shop) -> None:
    table = shop.app.lake.table(RAW)
    with table.update_schema(allow_incompatible_changes=True) as update:
        for name in ("contract_version", "mapping_code"):
            update.delete_column(name)

    (record,), _ = read_records(shop.app, SOURCE, Wanted("invalid_customer"))
    causes = shop.causes()

    assert (record.contract_version, record.mapping_code, record.is_outdated) == (None, None, True)
    assert (causes["invalid_quantity"].outdated, causes["invalid_quantity"].contract_versions) == (2, ())
    assert sum(find_replay(shop.app, SOURCE).objects.values()) == 4


def test_the_published_task_tells_once_for_each_run(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_home(tmp_path, spark)
    deliver(app, tmp_path, "bad.csv", UNSOUND)
    names = ["raw.objects", RAW]
    run = steps.build(app, names).run
    steps.gate(app, names, run)
    told: list[Notice] = []
    monkeypatch.setattr(tasks, "App", lambda: app)
    monkeypatch.setattr(App, "close", lambda _: None)
    monkeypatch.setattr(tasks, "notify", told.append)

    tasks.publish(names, run)
    tasks.publish(names, run)

    assert [notice.subject for notice in told] == ["retail_export: 100.0% quarantined"]
