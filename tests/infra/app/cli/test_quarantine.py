"""`guanxi quarantine`: what it prints of causes, bytes and replays, and that no terminal obeys a sender."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from tests.support.home import SOURCE, order_line
from tests.support.retail_sample import write_export
from tests.support.terminal import Terminal, typing_over

ODD_NAME = "a\x1b]0;owned\x07.csv"


class Shop(Terminal):
    """A home after one run over an object with two records that could not be read, and what the run printed."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        bad = [order_line("500002", quantity="two", name="\x1b[2J"), order_line("500003", customer="no number")]
        self.run("land", "--source", SOURCE, write_export(folder / "a.csv", [order_line(), *bad]))
        self.said = self.text("run", f"raw.{SOURCE}")
        inbox = folder / "home" / "inbox" / "shop_plugin"
        inbox.mkdir(parents=True)
        (inbox / f"{ODD_NAME}.jsonl").write_text("{}\n")


@pytest.fixture(scope="module")
def shop(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("quarantine_commands")
    with typing_over(folder, spark):
        yield Shop(folder)


@pytest.mark.parametrize(
    "words", [["list"], ["show", SOURCE], ["list", "--json"], ["show", SOURCE, "--json"], ["replay", SOURCE]]
)
def test_nothing_that_a_terminal_obeys_is_printed(shop: Shop, words: list[str]) -> None:
    printed = shop.run("quarantine", *words).output

    assert [letter for letter in printed if not letter.isprintable() and letter != "\n"] == []


def test_a_run_that_could_not_read_too_much_says_so(shop: Shop) -> None:
    assert "warning: retail_export: 66.7% quarantined: 2 of 3 records" in shop.said


def test_status_counts_the_quarantined_records_of_a_source(shop: Shop) -> None:
    rows = {row["dataset"]: row["quarantined"] for row in shop.data("status")}

    assert rows[f"raw.{SOURCE}"] == 2
    assert sum(rows.values()) == 2
    assert "2 records quarantined: `guanxi quarantine list --source retail_export`" in shop.text("status")


def test_list_says_causes_with_remedies_and_what_stands_before_the_door(shop: Shop) -> None:
    said, data = shop.text("quarantine", "list"), shop.data("quarantine", "list")

    assert "a.csv, at 3" in said
    assert r"a\x1b]0;owned\x07.csv.jsonl" in said
    assert "invalid_quantity: Quantity is a whole number" in said
    assert "its manifest has not come" in said
    assert {cause["reason"] for cause in data["quarantined"]} == {"invalid_quantity", "invalid_customer"}
    assert [one["state"] for one in data["outside"]] == ["waits"]


def test_list_of_a_source_or_since_a_day_leaves_out_the_rest(shop: Shop) -> None:
    assert shop.data("quarantine", "list", "--source", "social_a") == {"quarantined": [], "outside": []}
    assert shop.data("quarantine", "list", "--since", "2999-01-01") == {"quarantined": [], "outside": []}
    assert "No record is quarantined." in shop.text("quarantine", "list", "--source", "social_a")
    assert "not a day" in shop.refusal("quarantine", "list", "--since", "today")


def test_show_warns_of_personal_data_and_says_rule_judge_place_and_remedy(shop: Shop) -> None:
    said = shop.text("quarantine", "show", SOURCE, "invalid_quantity")

    assert said.startswith("The bytes below are as delivered and may hold personal data")
    for words in (
        "reason invalid_quantity",
        "contract 1.0.0",
        "mapping ",
        "lies in ",
        r"original 500002,1001,\x1b[2J,two,",
        "mend spark_jobs/raw/retail_export.py",
    ):
        assert words in said


def test_show_says_how_many_more_there_are(shop: Shop) -> None:
    assert shop.text("quarantine", "show", SOURCE, "--limit", 1).endswith("1 more: --limit 2.")


def test_show_of_a_reason_that_is_not_there_is_refused(shop: Shop) -> None:
    assert "Reasons there: invalid_customer, invalid_quantity." in shop.refusal("quarantine", "show", SOURCE, "nope")


@pytest.mark.parametrize("words", [[], ["--dry-run"], ["--reason", "invalid_customer"]])
def test_a_replay_without_a_fix_says_that_nothing_would_change_and_what_to_do(shop: Shop, words: list[str]) -> None:
    ended = shop.run("quarantine", "replay", SOURCE, *words)
    said = " ".join(ended.output.split())

    assert ended.exit_code == 0
    assert "nothing would come out different" in said
    assert "Mend spark_jobs/raw/retail_export.py" in said


def test_a_replay_of_what_is_not_quarantined_says_so(shop: Shop) -> None:
    said = shop.text("quarantine", "replay", SOURCE, "--reason", "invalid_price")

    assert said.startswith("raw.retail_export: no record of reason invalid_price is quarantined")


def test_an_unknown_source_is_refused_with_those_that_exist(shop: Shop) -> None:
    for words in (["list", "--source", "market"], ["show", "market"], ["replay", "market"]):
        assert "There are: payment_sdk, " in shop.refusal("quarantine", *words)
