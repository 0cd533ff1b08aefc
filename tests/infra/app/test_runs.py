"""Runs, put together from the rows of `ops.run`."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.app.explain import Reason
from infra.app.runs import Span, bar, group

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def row(run: str = "run_1", dataset: str = "events.order_line", outcome: str = "published", **given: Any) -> Any:
    detail = {"detail": "", "causes": [], "committed": [], "moved": {}, "seconds": {}} | given.pop("detail", {})
    counts = {"due": 0, "built": 0, "committed": 0, "snapshot_id": None, "at": AT}
    return {"run": run, "dataset": dataset, "outcome": outcome, **counts, **given, "detail": json.dumps(detail)}


def test_runs_come_newest_first_with_their_datasets_in_the_order_of_the_work() -> None:
    rows = [
        row("run_b", "raw.objects", at=AT + timedelta(hours=1)),
        row("run_a", "raw.objects"),
        row("run_b", "events.order_line", at=AT + timedelta(hours=1, seconds=1)),
    ]

    runs = group(rows)

    assert [run.id for run in runs] == ["run_b", "run_a"]
    assert [part.dataset for part in runs[0].parts] == ["raw.objects", "events.order_line"]
    assert runs[0].ended_at == AT + timedelta(hours=1, seconds=1)


def test_the_steps_of_a_run_make_one_part() -> None:
    cause = {"why": "raw.shop moved", "partitions": ["2026-03-01..2026-03-02"], "count": 2}
    moved = {"raw.shop": ["1", "2"]}
    built = {"causes": [cause], "moved": moved, "seconds": {"plan": 0.5, "build": 4.0}}
    gated = {"committed": ["2026-03-02"], "seconds": {"gate": 1.0}}
    published = {"committed": ["2026-03-02"], "seconds": {"publish": 0.25}}
    rows = [
        row(outcome="built", due=2, built=2, detail=built),
        row(outcome="gated", built=2, detail=gated, at=AT + timedelta(seconds=9), snapshot_id=7),
        row(outcome="published", built=2, detail=published, at=AT + timedelta(seconds=12), snapshot_id=7),
    ]

    (part,) = group(rows)[0].parts

    assert (part.outcome, part.due, part.committed, part.snapshot_id) == ("published", 2, ("2026-03-02",), 7)
    assert part.causes == (Reason("raw.shop moved", ("2026-03-01..2026-03-02",), 2),)
    assert part.moved == {"raw.shop": ("1", "2")}
    assert part.seconds == {"plan": 0.5, "build": 4.0, "gate": 1.0, "publish": 0.25}


def test_a_step_that_was_tried_again_counts_all_its_time() -> None:
    rows = [row(detail={"seconds": {"gate": 1.0}}), row(detail={"seconds": {"gate": 2.0}})]

    assert group(rows)[0].total_seconds == 3.0


def test_what_went_out_without_some_source_is_partly_held() -> None:
    run = group([row(detail={"detail": "shop: price is positive"}), row(dataset="raw.objects")])[0]

    assert run.results == {"partly held": 1, "published": 1}


def test_what_was_level_is_idle_and_what_waits_is_not() -> None:
    parts = group([row(outcome="unchanged"), row(dataset="marts.a", outcome="waits", detail={"detail": "waits"})])[0]

    assert [part.is_idle for part in parts.parts] == [True, False]


def test_a_bar_puts_the_phases_end_to_end_on_the_scale_of_the_longest() -> None:
    spans = bar({"plan": 1.0, "build": 3.0, "publish": 1.0}, longest=10.0)

    assert spans == [Span("plan", 0.0, 10.0), Span("build", 10.0, 30.0), Span("publish", 40.0, 10.0)]


@pytest.mark.parametrize("seconds", [{}, {"plan": 0.0}])
def test_no_time_makes_no_bar(seconds: dict[str, float]) -> None:
    assert bar(seconds, longest=0.0) == []
