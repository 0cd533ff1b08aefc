"""Contracts and dbt models as one form of entry."""

import pytest

from expectations.contract import CONTRACTS, read_contract
from infra.app.dbt_project import MartSpec
from infra.app.pages.catalogue import RuleEntry, of_contract, of_mart


def test_an_entry_says_what_a_column_holds_and_who_may_see_it() -> None:
    entry = of_contract(read_contract(CONTRACTS / "events" / "order_line.odcs.yaml"))

    columns = {column.name: column for column in entry.columns}
    assert entry.key == ("event_id",)
    assert entry.owner == "commerce data"
    assert entry.freshness == ("latency: 1 day",)
    assert (columns["account_id"].classification, columns["account_id"].required) == ("pseudonym", False)
    assert columns["amount"].type == "decimal(18, 4)"
    assert columns["unit_price"].limits == ("minimum -1000000", "maximum 1000000")
    assert entry.facts["Parameter"] == "identity_window_days = 1"


def test_rules_are_told_in_words() -> None:
    entry = of_contract(read_contract(CONTRACTS / "events" / "order_line.odcs.yaml"))

    told = {rule.name: (rule.column, rule.severity, rule.asks) for rule in entry.rules}
    assert told["there are order lines"] == (None, "critical", "row count must be greater than 0")
    assert told["the country is known"] == ("country", "warning", "null values must be 0")
    assert told["a closed day's lines are in the range of its weekday"][2] == (
        "rows of a closed day within 90% of the same weekday's median of 4 weeks"
    )


def test_an_expectation_is_told_with_its_arguments() -> None:
    entry = of_contract(read_contract(CONTRACTS / "raw" / "shop_plugin.odcs.yaml"))

    (rule,) = entry.rules
    assert rule.asks == 'expect_column_values_to_be_null {"column": "reason", "mostly": 0.5}'


def test_a_feed_says_how_it_is_delivered() -> None:
    entry = of_contract(read_contract(CONTRACTS / "raw" / "retail_export.odcs.yaml"))

    assert entry.is_feed
    assert entry.facts["Feeds"] == "events.order_line"
    assert entry.facts["Zone and currency"] == "Europe/London, GBP"
    assert entry.facts["Identity"] == "all columns"
    assert {column.type for column in entry.columns} == {"string"}


@pytest.mark.parametrize("layer", ["raw", "events", "features", "ops"])
def test_every_contract_has_an_entry(layer: str) -> None:
    for path in (CONTRACTS / layer).glob("[a-z]*.odcs.yaml"):
        entry = of_contract(read_contract(path))
        assert entry.grain
        assert all(column.description and column.type for column in entry.columns)


def test_the_first_sentence_of_a_model_is_its_grain() -> None:
    spec = MartSpec(
        name="marts.growth_daily",
        inputs=("events.order_line",),
        code="c0de",
        domain="growth",
        description="One row per day. Days may still grow.",
        grain=("day",),
        columns={"day": "date", "orders": "bigint"},
        column_descriptions={"day": "Business day.", "orders": "Distinct invoices."},
    )

    entry = of_mart(spec, "growth data", [RuleEntry("one_row_per_day", None, "critical", "")])

    assert (entry.grain, entry.purpose, entry.key) == ("One row per day", "Days may still grow.", ("day",))
    assert [(c.name, c.type, c.is_key) for c in entry.columns] == [("day", "date", True), ("orders", "bigint", False)]


def test_the_form_of_a_feed_is_told_so_that_a_comma_can_be_seen() -> None:
    entry = of_contract(read_contract(CONTRACTS / "raw" / "retail_export.odcs.yaml"))

    assert entry.facts["Form"] == 'type csv, delimiter ",", quoted newlines false'
