"""Verdicts in the order in which somebody wants to see them."""

from datetime import UTC, datetime, timedelta

from infra.app.pages.gates import Numbered, check_histories, failed_first, latest, number
from infra.loop.dataset import Check
from infra.loop.verdict import Verdict

AT = datetime(2026, 3, 2, tzinfo=UTC)


def verdict(
    outcome: str, dataset: str = "events.a", source: str | None = None, hours: int = 0, checks: tuple[Check, ...] = ()
) -> Verdict:
    return Verdict(dataset, source, (), "key", outcome, "run_1", checks=checks, at=AT + timedelta(hours=hours))


def test_verdicts_are_numbered_by_dataset_from_the_oldest_and_come_newest_first() -> None:
    numbered = number([verdict("passed"), verdict("passed", "events.b"), verdict("failed")])

    assert [(n.number, n.verdict.dataset) for n in numbered] == [(2, "events.a"), (1, "events.b"), (1, "events.a")]


def test_failed_ones_come_first_and_stay_in_order() -> None:
    ordered = failed_first(number([verdict("error"), verdict("passed"), verdict("failed"), verdict("accepted")]))

    assert [n.verdict.verdict for n in ordered] == ["failed", "error", "accepted", "passed"]


def test_the_latest_is_told_for_each_dataset_and_source() -> None:
    told = latest(number([verdict("failed", source="shop"), verdict("passed"), verdict("passed", source="shop")]))

    assert {(n.verdict.source, n.verdict.verdict) for n in told} == {("shop", "passed"), (None, "passed")}


def test_broken_checks_stand_before_the_others_and_critical_ones_before_warnings() -> None:
    checks = (
        Check("kept", None, "critical", True, "0"),
        Check("odd", None, "warning", False, "1"),
        Check("wrong", None, "critical", False, "2"),
    )

    numbered = Numbered(1, verdict("failed", checks=checks))

    assert [check.name for check in numbered.checks] == ["wrong", "odd", "kept"]
    assert [check.name for check in numbered.broken] == ["wrong", "odd"]


def test_a_verdict_tells_how_many_of_its_checks_passed() -> None:
    checks = (Check("kept", None, "critical", True, "0"), Check("wrong", None, "critical", False, "2"))

    numbered = Numbered(1, verdict("failed", checks=checks))

    assert (numbered.passed, numbered.share) == (1, 0.5)


def test_where_nothing_was_checked_nothing_passed() -> None:
    assert Numbered(1, verdict("failed")).share == 0


def test_a_check_is_told_over_time_with_when_it_last_broke() -> None:
    outcomes = [True, False, True]
    verdicts = [verdict("passed", checks=(Check("kept", None, "critical", o, str(n)),)) for n, o in enumerate(outcomes)]

    (history,) = check_histories(number(verdicts))

    assert (history.name, history.outcomes, history.passed) == ("kept", (True, False, True), 2)
    assert history.observed == "2"
    assert history.last_broken is not None
    assert history.last_broken.number == 2


def test_what_broke_most_often_comes_first() -> None:
    checks = (Check("kept", None, "critical", True, "0"), Check("wrong", None, "critical", False, "2"))

    assert [h.name for h in check_histories(number([verdict("failed", checks=checks)]))] == ["wrong", "kept"]


def test_an_acceptance_by_hand_is_no_further_outcome() -> None:
    broken = (Check("wrong", None, "critical", False, "2"),)

    (history,) = check_histories(number([verdict("failed", checks=broken), verdict("accepted", checks=broken)]))

    assert history.outcomes == (False,)
