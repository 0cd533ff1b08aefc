"""Templates escape whatever they are given, and how numbers, times and partitions are told."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from infra.app.pages.balance import FATES, balance_of
from infra.app.pages.gates import check_histories, number
from infra.app.pages.rendering import Renderer, Site, count, percent, ranges, seconds, short, slug, told, utc
from infra.loop.dataset import Check
from infra.loop.verdict import Verdict
from tests.infra.app.pages.page_parser import Page

AT = datetime(2026, 3, 2, 12, 0, 5, tzinfo=UTC)
SCRIPT = "<script>alert('here')</script>"
SITE = Site("/home/<b>", AT, frozenset({"events.a"}), frozenset({"events.a"}), frozenset(), has_dbt_docs=False)


def parsed(html: str, folder: Path) -> Page:
    (folder / "page.html").write_text(html)
    return Page(folder / "page.html")


def test_a_rule_that_holds_html_is_shown_as_it_is(tmp_path: Path) -> None:
    check = Check(f"price is positive {SCRIPT}", SCRIPT, "critical", False, f"1 of 2 {SCRIPT}")
    failed = Verdict("events.a", SCRIPT, ("2026-03-02",), "key", "failed", "by hand", checks=(check,), at=AT)
    verdicts = number([failed])
    context = {"name": "events.a", "verdicts": verdicts, "histories": check_histories(verdicts), "older": 0}

    page = parsed(Renderer(SITE).render("gate.html", "gates/events.a.html", context), tmp_path)

    assert "script" not in page.elements
    assert page.mistakes == []
    assert page.text.count("alert('here')") == 6
    assert "/home/<b>" in page.text


def test_an_object_name_that_holds_html_is_shown_as_it_is(tmp_path: Path) -> None:
    row = {"source": "shop", "object_name": SCRIPT, "object_sha256": '"><b>', "received": 1, "balanced": False}
    balance = balance_of([row | dict.fromkeys(FATES, 0)])

    context = {"balance": balance, "fates": FATES, "is_held": False, "lateness": None}

    page = parsed(Renderer(SITE).render("balance.html", "balance.html", context), tmp_path)

    assert "script" not in page.elements
    assert "b" not in page.elements
    assert SCRIPT in page.text


def test_pages_below_lead_up_to_the_style_sheet() -> None:
    context = {"name": "events.a", "verdicts": [], "histories": [], "older": 0}

    assert 'href="../style.css"' in Renderer(SITE).render("gate.html", "gates/events.a.html", context)


def test_what_a_template_is_not_given_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        Renderer(SITE).render("gate.html", "gates/events.a.html", {})


def test_a_moment_is_told_in_utc() -> None:
    there = datetime(2026, 3, 2, 20, 0, 5, tzinfo=timezone(timedelta(hours=8)))

    assert utc(there) == '<time datetime="2026-03-02T12:00:05Z">2026-03-02 12:00:05 UTC</time>'
    assert utc(None) == "–"


@pytest.mark.parametrize(
    ("spent", "words"), [(0.0, "< 0.1 s"), (0.05, "0.1 s"), (59.94, "59.9 s"), (125.4, "2 min 5 s")]
)
def test_a_duration_is_as_exact_as_it_is_interesting(spent: float, words: str) -> None:
    assert seconds(spent) == words


def test_partitions_are_told_as_ranges_and_escaped() -> None:
    assert ranges(["2026-03-01..2026-03-02"]) == '<span class="range">2026-03-01..2026-03-02</span>'
    assert "<script>" not in ranges([f"shop/{'a' * 64}/{SCRIPT}"])


def test_an_objects_name_of_any_length_may_be_broken() -> None:
    assert "range" not in ranges([f"shop/{'a' * 64}/{'long' * 10}.csv"])


@pytest.mark.parametrize(
    ("share", "words"), [(1, "100%"), (0, "0%"), (0.9999, "99.9%"), (0.00001, "0.1%"), (0.96, "96.0%")]
)
def test_a_share_is_all_or_nothing_only_where_it_is(share: float, words: str) -> None:
    assert percent(share) == words


def test_commands_between_backticks_are_code() -> None:
    assert told("`guanxi run` restates <b>them</b>") == "<code>guanxi run</code> restates &lt;b&gt;them&lt;/b&gt;"


def test_numbers_versions_and_states_are_told_shortly() -> None:
    assert (count(1234567), count(None)) == ("1,234,567", "–")
    assert (short("7981303584307586983"), short("42"), short(None)) == ("…586983", "42", "–")
    assert slug('out of date"><') == "out-of-date---"
