"""The pages of a small home with a held delivery: whole, linked, free of other hosts, written without Spark."""

import os
import re
import time
from pathlib import Path

import pytest

from infra.app.app import App
from infra.app.pages import seconds_to_wait, write_run_pages
from infra.lake.settings import Settings
from tests.infra.app.pages.page_parser import Page, broken_links
from tests.infra.app.pages.small_site import ODD_NAME, Written, parse

# Accounts' numbers as words of their own: those of versions and hashes may hold the same digits.
NUMBERS = re.compile(r"\b(77123|1000\d)\b")


def test_every_dataset_run_and_gate_has_its_page(written: Written) -> None:
    names = {str(path.relative_to(written.out.resolve())) for path in written.pages}
    runs = [run for run in names if run.startswith("runs/")]

    assert {"index.html", "lineage.html", "gates.html", "runs.html", "balance.html", "quarantine.html"} <= names
    assert {f"datasets/{name}.html" for name in written.app.datasets.all} <= names
    assert {"datasets/ops.run.html", "gates/events.order_line.html"} <= names
    assert len(runs) == 2


def test_pages_are_well_formed(written: Written) -> None:
    assert {path.name: page.mistakes for path, page in written.pages.items() if page.mistakes} == {}


def test_ids_stand_once(written: Written) -> None:
    assert [path.name for path, page in written.pages.items() if len(page.ids) != len(set(page.ids))] == []


def test_every_link_leads_somewhere(written: Written) -> None:
    assert broken_links(written.pages) == []


def test_no_page_asks_another_host_or_runs_a_script(written: Written) -> None:
    addresses = {address for page in written.pages.values() for address in page.addresses}

    assert [address for address in addresses if "//" in address or address.startswith("javascript")] == []
    assert all("script" not in page.elements for page in written.pages.values())
    assert "url(" not in (written.out / "style.css").read_text()


def test_dbts_own_page_has_nowhere_to_send_anything(written: Written) -> None:
    text = (written.out / "dbt" / "index.html").read_text()

    assert "growth_daily" in text
    assert "cloudfront.net" not in text
    assert "googleapis.com" not in text


def test_what_is_held_comes_first_and_says_why(written: Written) -> None:
    text = written.page("index.html").text

    assert "events.order_line held" in text[: text.index("In the order in which they read one another")]
    assert "retail_export on 2026-03-02..2026-03-03: unit_price must be between" in text
    assert "guanxi gate accept events.order_line" in text


def test_a_runs_page_shows_every_check_of_its_gates(written: Written) -> None:
    (run,) = {verdict.run for verdict in written.app.verdicts.of("events.order_line") if verdict.verdict == "failed"}
    text = written.page(f"runs/{run}.html").text

    failed = next(v for v in written.app.verdicts.of("events.order_line") if v.run == run and v.verdict == "failed")
    assert all(check.name in text for check in failed.checks)
    assert any(check.passed for check in failed.checks)


def test_every_page_says_when_it_was_written_and_for_which_home(written: Written) -> None:
    home = str(written.app.settings.root)

    for page in written.pages.values():
        assert f"for the home {home}" in page.text
        assert " UTC " in page.text[page.text.index("Written ") :]


def test_a_datasets_page_tells_contract_state_and_history(written: Written) -> None:
    text = written.page("datasets/events.order_line.html").text

    for words in (
        "One row for each line of an order",
        "commerce data",
        "account_id string pseudonym",
        "raw.retail_export [day - 1 .. day + 1]",
        "row count must be greater than 0",
        "not built yet",
        "source retail_export",
    ):
        assert words in text


def test_a_mart_is_told_from_its_model(written: Written) -> None:
    text = written.page("datasets/marts.source_balance.html").text

    assert "One row per source and landing object version" in text
    assert "source_balance_one_row_per_grain critical" in text


def test_the_lineage_shows_states_and_the_plan_in_words(written: Written) -> None:
    page = written.page("lineage.html")

    assert "events.order_line: held" in page.text
    assert "features.user_value: waits, 2 due" in page.text
    assert "svg" in page.elements


def test_a_run_tells_causes_inputs_and_phases(written: Written) -> None:
    (first, *_) = sorted(path for path in written.pages if path.parent.name == "runs")
    text = written.pages[first].text

    assert "2026-03-02 : not built yet" in text
    assert "Inputs moved raw.objects" in text
    assert "publish" in text


def test_no_value_of_a_personal_column_is_shown(written: Written) -> None:
    assert all(NUMBERS.search(page.text) is None for page in written.pages.values())


@pytest.mark.fault(19, how="an object called like a script", part=True)
def test_an_object_name_that_holds_html_is_shown_as_it_is(written: Written) -> None:
    assert ODD_NAME in written.page("balance.html").text
    assert "held" in written.page("balance.html").text


def test_pages_after_a_run_leave_dbts_docs_and_drop_what_is_gone(written: Written) -> None:
    before = (written.out / "dbt" / "index.html").stat().st_mtime_ns
    listing = written.out / ".guanxi-pages.json"
    listing.write_text(listing.read_text().replace("[", '["datasets/features.retired.html", ', 1))
    gone = written.out / "datasets" / "features.retired.html"
    gone.write_text("retired")

    write_run_pages(written.app, written.out)

    assert not gone.exists()
    assert (written.out / "dbt" / "index.html").stat().st_mtime_ns == before
    assert broken_links(parse(written.out)) == []


@pytest.mark.parametrize(("now", "left"), [(1_010, 20), (1_030, 0), (1_100, 0), (900, 0)])
def test_pages_are_written_half_a_minute_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, now: float, left: float
) -> None:
    index = tmp_path / "index.html"
    index.write_text("written")
    os.utime(index, (1_000, 1_000))
    monkeypatch.setattr(time, "time", lambda: now)

    assert seconds_to_wait(tmp_path) == left


def test_pages_that_were_never_written_are_written_at_once(tmp_path: Path) -> None:
    assert seconds_to_wait(tmp_path) == 0


def test_pages_of_an_empty_home_say_that_there_is_nothing(tmp_path: Path) -> None:
    write_run_pages(App(Settings(home=tmp_path / "home")), tmp_path / "site")

    pages = parse(tmp_path / "site")
    assert broken_links(pages) == []
    assert "There was no run yet" in Page(tmp_path / "site" / "runs.html").text
    assert "Nothing is held, nothing failed and nothing is late" in Page(tmp_path / "site" / "index.html").text
