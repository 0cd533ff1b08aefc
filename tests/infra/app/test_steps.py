"""A run in three steps ends where one run in one process ends, whatever happens between the steps."""

from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from pyspark.sql import SparkSession

from infra.app import steps
from infra.app.app import App
from infra.app.errors import BadDataError, BrokenStepError
from infra.app.kinds.feature import Feature
from infra.app.maintenance import maintain
from infra.app.runs import read_runs
from infra.app.warehouse import query
from infra.lake import branch
from infra.loop.result import Outcome
from tests.support.home import COMPUTED, SOURCE, deliver, fed_by, hashes, open_home, order_line, reopened

EVENTS = "events.order_line"
MARTS = ["marts.growth_daily", "marts.source_balance"]
TO_EVENTS = ["raw.objects", "raw.retail_export", EVENTS]
FEATURES = ["features.purchase_30d", "features.user_value"]
RAW, ALL_EVENTS = ([name for name in COMPUTED if name.startswith(f"{layer}.")] for layer in ("raw", "events"))
LAYERS = [["raw.objects"], RAW, ALL_EVENTS, FEATURES, MARTS]
ALL = [name for layer in LAYERS for name in layer]
LINES = [order_line(), order_line("500002", customer="10002.0", at="2026-03-03 09:00:00")]
# Well-formed, so the mapping takes it, but the contract's range closes the gate.
ABSURD = order_line("509999", at="2026-03-04 10:00:00", price="99999999.99")


@pytest.fixture
def app(spark: SparkSession, tmp_path: Path) -> App:
    """A home with one delivery that is not built yet."""
    app = open_home(tmp_path, spark, only=[*FEATURES, *MARTS])
    deliver(app, tmp_path, "first.csv.gz", LINES)
    return app


def in_steps(app: App, names: list[str]) -> dict[str, Outcome]:
    """Build, gate and publish, each on an application of its own as another process would have."""
    run = steps.build(reopened(app), names).run
    steps.gate(reopened(app), names, run)
    return {result.dataset: result.outcome for result in steps.publish(reopened(app), names, run).results}


def published(outcomes: dict[str, Outcome]) -> set[str]:
    """The datasets of which a new version went out."""
    return {name for name, outcome in outcomes.items() if outcome is Outcome.PUBLISHED}


def test_a_run_that_had_nothing_to_do_is_not_recorded(app: App) -> None:
    app.run(TO_EVENTS)
    before = [run.id for run in read_runs(app)]

    app.run(TO_EVENTS)
    steps.build(reopened(app), TO_EVENTS)

    assert [run.id for run in read_runs(app)] == before


def test_three_steps_end_in_the_tables_of_one_run(app: App, spark: SparkSession, tmp_path: Path) -> None:
    outcomes = in_steps(app, ALL)

    whole = open_home(tmp_path / "whole", spark, only=[*FEATURES, *MARTS])
    deliver(whole, tmp_path / "whole", "first.csv.gz", LINES)
    whole.run()
    assert published(outcomes) == fed_by(app, SOURCE)
    built = [*MARTS, EVENTS, "raw.retail_export"]
    assert hashes(app, built) == hashes(whole, built)
    assert query(app.settings.warehouse_file, "select count(*) from marts.growth_daily")[1] == [(2,)]
    assert {name for name in app.lake.names() if set(app.lake.table(name).refs()) != {"main"}} == set()


def test_each_layer_by_itself_ends_in_the_tables_of_one_run(app: App, spark: SparkSession, tmp_path: Path) -> None:
    went_out = [published(in_steps(app, layer)) for layer in LAYERS]

    # What is fed can be told by then: by the targets of the records that were taken in.
    assert went_out == [fed_by(app, SOURCE) & {*layer} for layer in LAYERS]
    whole = open_home(tmp_path / "whole", spark, only=[*FEATURES, *MARTS])
    deliver(whole, tmp_path / "whole", "first.csv.gz", LINES)
    whole.run()
    assert hashes(app) == hashes(whole)


def test_a_mart_over_several_layers_waits_until_they_agree(app: App, tmp_path: Path) -> None:
    app.run()
    deliver(app, tmp_path, "second.csv.gz", [order_line("500003")])
    for layer in LAYERS[:2]:
        in_steps(app, layer)

    waiting = {result.dataset: result.outcome for result in app.run(MARTS, alone=True)}
    in_steps(app, LAYERS[2])
    after = {result.dataset: result.outcome for result in app.run(MARTS, alone=True)}

    # The others read events alone, which look as before.
    assert {name for name, outcome in waiting.items() if outcome is Outcome.WAITS} == {"marts.source_balance"}
    assert after["marts.source_balance"] is Outcome.PUBLISHED


@pytest.mark.parametrize("part", ["build", "assess"])
def test_tables_that_do_not_read_one_another_are_built_and_gated_side_by_side(
    app: App, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    app.run([EVENTS])
    app.settings = app.settings.model_copy(update={"engine_slots": 2})
    both, alone = Barrier(2, timeout=120), getattr(Feature, part)

    def beside_another(feature: Feature, *given: Any) -> Any:
        both.wait()
        return alone(feature, *given)

    monkeypatch.setattr(Feature, part, beside_another)
    built = steps.build(app, FEATURES)
    gated = steps.gate(app, FEATURES, built.run)

    assert {result.outcome for result in built.results} == {Outcome.BUILT}
    assert [(result.dataset, result.outcome) for result in gated.results] == [
        (name, Outcome.GATED) for name in FEATURES
    ]


def test_steps_over_a_level_lake_commit_nothing(app: App) -> None:
    app.run()

    run = steps.build(app, ALL).run

    assert steps.gate(app, ALL, run).results == ()
    assert steps.publish(app, ALL, run).results == ()


def test_nothing_is_published_that_was_not_gated(app: App) -> None:
    run = steps.build(app, TO_EVENTS).run

    report = steps.publish(app, TO_EVENTS, run)

    assert {result.outcome for result in report.results} == {Outcome.HELD}
    assert app.lake.table(EVENTS).scan().count() == 0
    assert published(in_steps(app, TO_EVENTS)) == {*TO_EVENTS}


def test_what_is_written_to_a_gated_branch_is_not_published(app: App) -> None:
    run = steps.build(app, TO_EVENTS).run
    steps.gate(app, TO_EVENTS, run)
    table = app.lake.table(EVENTS)
    gated = branch.head(table, run)
    table.append(table.scan(snapshot_id=gated).to_arrow(), branch=run)

    steps.publish(app, TO_EVENTS, run)

    assert branch.head(app.lake.table(EVENTS)) == gated


def test_what_moved_meanwhile_is_planned_again(app: App, tmp_path: Path) -> None:
    run = steps.build(app, TO_EVENTS).run
    steps.gate(app, TO_EVENTS, run)
    deliver(app, tmp_path, "second.csv.gz", [order_line("500003")])
    app.run([EVENTS])

    report = steps.publish(app, TO_EVENTS, run)

    assert report.of(Outcome.OUT_OF_DATE)
    assert app.lake.table(EVENTS).scan().count() == 3
    assert run not in app.lake.table(EVENTS).refs()


def test_a_held_source_is_left_out_and_said_and_readers_are_built_on_the_rest(app: App, tmp_path: Path) -> None:
    app.run()
    deliver(app, tmp_path, "absurd.csv.gz", [ABSURD])
    run = steps.build(app, ALL).run

    report = steps.gate(app, ALL, run)
    steps.publish(app, ALL, run)

    assert "retail_export" in next(r.detail for r in report.results if r.dataset == EVENTS)
    assert app.lake.table(EVENTS).scan().count() == 2
    assert {result.outcome for result in app.run(MARTS)} == {Outcome.UNCHANGED}


def test_a_gate_that_broke_is_tried_again(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    run = steps.build(app, TO_EVENTS).run
    events = type(app.datasets.find(EVENTS))
    with monkeypatch.context() as broken:
        broken.setattr(events, "assess", run_out_of_memory)
        with pytest.raises(BrokenStepError, match="MemoryError"):
            steps.gate(app, TO_EVENTS, run)

    steps.gate(app, TO_EVENTS, run)

    assert {result.outcome for result in steps.publish(app, TO_EVENTS, run).results} == {Outcome.PUBLISHED}


def run_out_of_memory(*_: object) -> None:
    raise MemoryError


def test_a_second_plan_that_breaks_is_no_success(app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = steps.build(app, TO_EVENTS).run
    steps.gate(app, TO_EVENTS, run)
    deliver(app, tmp_path, "second.csv.gz", [order_line("500003")])
    app.run([EVENTS])
    deliver(app, tmp_path, "third.csv.gz", [order_line("500004")])
    monkeypatch.setattr(type(app.datasets.find(EVENTS)), "build", run_out_of_memory)

    with pytest.raises(BrokenStepError, match="MemoryError"):
        steps.publish(app, TO_EVENTS, run)


def test_a_report_with_something_held_is_bad_data(app: App) -> None:
    report = steps.publish(app, TO_EVENTS, steps.build(app, TO_EVENTS).run)

    with pytest.raises(BadDataError, match="held back by the gate"):
        steps.require_good(report)


def test_maintenance_leaves_the_branches_of_a_run_between_two_steps(app: App) -> None:
    run = steps.build(app, TO_EVENTS).run

    maintain(app)

    assert run in app.lake.table(EVENTS).refs()


def test_what_a_try_published_before_it_was_killed_is_said_by_the_next(app: App) -> None:
    run = steps.build(app, TO_EVENTS).run
    steps.gate(app, TO_EVENTS, run)
    steps.publish(app, TO_EVENTS, run)

    again = steps.publish(app, TO_EVENTS, run)

    assert not again.of(Outcome.PUBLISHED)
    assert EVENTS in steps.published_by(app, TO_EVENTS, run)
    assert not steps.published_by(app, TO_EVENTS, "another_run")
