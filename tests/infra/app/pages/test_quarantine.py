"""The page of the quarantine: causes, objects not let in and shares, and never a byte of a record."""

from datetime import date, timedelta

from infra.app.pages.quarantine import DAYS_SHOWN, HIGHEST, SourceShare
from infra.app.quarantine import DayShare
from tests.infra.app.pages.small_site import LONG_NAME, ODD_NAME, Written

FIRST = date(2026, 3, 2)


def days(*quarantined: int) -> SourceShare:
    """A source that received a hundred records on each day."""
    found = [DayShare(FIRST + timedelta(days=n), 100, count) for n, count in enumerate(quarantined)]
    return SourceShare("shop", found, 0.01)


def test_the_highest_share_is_as_high_as_the_picture_and_the_least_can_be_seen() -> None:
    assert days(0, 1, 50, 100).heights == [0, 2, HIGHEST // 2, HIGHEST]


def test_where_all_was_read_the_picture_is_flat() -> None:
    assert days(0, 0).heights == [0, 0]


def test_the_newest_days_are_shown_and_all_are_counted() -> None:
    found = days(50, *[0] * DAYS_SHOWN)

    assert (len(found.newest), found.heights) == (DAYS_SHOWN, [0] * DAYS_SHOWN)
    assert (found.quarantined, found.received) == (50, 100 * (DAYS_SHOWN + 1))


def test_a_source_that_received_nothing_has_no_share() -> None:
    assert SourceShare("shop", [], 0.01).share == 0.0


def test_the_page_tells_causes_with_place_rule_and_remedy(written: Written) -> None:
    text = written.page("quarantine.html").text

    for words in (
        "invalid_customer",
        "CustomerID is empty or a number such as 17850 or 17850.0",
        f"For example {LONG_NAME} , at 5",
        "guanxi quarantine replay retail_export --reason invalid_customer",
        "contract 1.0.0",
        "retail_export · 20.0% quarantined (1 of 5), 1.0% allowed",
    ):
        assert words in text


def test_the_page_tells_what_was_refused_though_its_name_holds_html(written: Written) -> None:
    text = written.page("quarantine.html").text

    assert f"{ODD_NAME} raw.retail_export refused" in text
    assert "its manifest says b.csv" in text


def test_no_byte_of_a_quarantined_record_is_on_the_page(written: Written) -> None:
    raw = (written.out / "quarantine.html").read_text()

    assert "77123" not in raw
    assert "508888" not in raw


def test_the_overview_leads_to_the_quarantine(written: Written) -> None:
    assert "Records quarantined 1 1 cause , 1 refused" in written.page("index.html").text
