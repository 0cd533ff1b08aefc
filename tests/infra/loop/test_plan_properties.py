"""Whatever happens, in whatever order: the tables hold what they would hold if they were computed from scratch."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings

from infra.loop.plan import Why
from tests.infra.loop.planner_histories import (
    HISTORIES,
    HISTORIES_WITHOUT_CODE_CHANGES,
    NEWS,
    ROOTS,
    Deliver,
    History,
    Run,
)
from tests.infra.loop.planner_model import Day
from tests.infra.loop.planner_world import World, unsound

any_history = settings(max_examples=200, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
ORDINARY = Run(accept=True)
REBUILD = Run(accept=True, rebuild=True)


def after(history: History, *runs: Run) -> World:
    """The world at the end of a history and of some more runs."""
    world = World(history.datasets)
    world.play((*history.steps, *runs))
    return world


@any_history
@given(HISTORIES)
def test_a_rebuild_ends_in_what_brute_force_computes(history: History) -> None:
    world = after(history, REBUILD)
    assert world.tables() == world.expected()


@any_history
@given(HISTORIES_WITHOUT_CODE_CHANGES)
def test_without_code_changes_an_ordinary_run_ends_there_too(history: History) -> None:
    world = after(history, ORDINARY)
    assert world.tables() == world.expected()


@any_history
@given(HISTORIES)
def test_with_code_changes_each_partition_is_what_the_code_that_last_had_reason_to_build_it_makes(
    history: History,
) -> None:
    world = after(history, ORDINARY)
    assert world.tables() == world.expected(world.built_with())


@any_history
@given(HISTORIES)
def test_after_an_ordinary_run_the_partitions_of_older_code_and_no_others_are_pending(history: History) -> None:
    world = after(history, ORDINARY)
    for dataset in world.datasets:
        built_with = world.built_with()[dataset.name]
        older = {day for day, code in built_with.items() if code != world.code[dataset.name]}
        assert world.pending(dataset) == dict.fromkeys(older, Why.CODE)


@any_history
@given(HISTORIES)
def test_after_an_ordinary_run_every_dataset_records_the_newest_inputs_and_code(history: History) -> None:
    world = after(history, ORDINARY)
    for dataset in world.datasets:
        recorded = world.versions[dataset.name][-1].recorded
        assert recorded is not None
        assert recorded.inputs == {name: str(len(world.versions[name]) - 1) for name in dataset.windows}
        assert recorded.code == str(world.code[dataset.name])


@any_history
@given(HISTORIES)
def test_a_run_repeated_finds_nothing_to_do(history: History) -> None:
    last = next((step for step in reversed(history.steps) if isinstance(step, Run)), ORDINARY)
    again = replace(last, rebuild=False, failing=frozenset(), unpublished=frozenset())
    world = after(history, again)
    (reports,) = world.play([again])
    assert len(reports) == len(world.datasets)
    assert all(report.plan.is_level and not report.written for report in reports)


@any_history
@given(HISTORIES)
def test_every_run_builds_the_due_partitions_it_was_asked_for_that_rest_on_nothing_left(history: History) -> None:
    world = World(history.datasets)
    for reports in world.play(history.steps):
        for report in reports:
            assert report.built == report.expected, report.dataset


@any_history
@given(HISTORIES, NEWS)
def test_a_run_writes_exactly_the_partitions_whose_content_changed(history: History, news: dict[Day, int]) -> None:
    world = after(history, ORDINARY)
    before = world.expected(world.built_with())
    (reports,) = world.play([Deliver(ROOTS[0], news), ORDINARY])
    now = world.expected(world.built_with())
    for report in reports:
        old, new = before[report.dataset.name], now[report.dataset.name]
        assert report.written == {day for day in {*old, *new} if old.get(day) != new.get(day)}


@any_history
@given(HISTORIES)
def test_a_partition_that_is_not_what_its_recorded_inputs_make_is_owed_in_every_version(history: History) -> None:
    world = after(history)
    for dataset in world.datasets:
        for version in world.versions[dataset.name]:
            assert not unsound(world, dataset, version)
