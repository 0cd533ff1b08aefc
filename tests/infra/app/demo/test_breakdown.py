"""Where the time from landing to mart went."""

from datetime import UTC, datetime, timedelta

from infra.app.airflow_api import TaskRun
from infra.app.demo.breakdown import break_down

START = datetime(2026, 3, 2, 10, tzinfo=UTC)


def ran(dag: str, task: str, begin: float, end: float | None) -> TaskRun:
    ended = None if end is None else START + timedelta(seconds=end)
    return TaskRun(dag, task, "run", "success", START, START + timedelta(seconds=begin), ended)


def test_the_whole_ends_with_the_last_task() -> None:
    assert break_down(START, [ran("a", "build", 1, 4), ran("b", "build", 5, 9)], {}).whole == 9


def test_waiting_is_when_no_task_runs() -> None:
    tasks = [ran("a", "build", 1, 4), ran("b", "build", 3, 6), ran("b", "gate", 8, 9)]

    assert break_down(START, tasks, {}).waiting == 1 + 2


def test_start_up_is_what_tasks_took_beside_the_steps() -> None:
    found = break_down(START, [ran("a", "build", 1, 4), ran("b", "build", 5, 9)], {"build": 5.0})

    assert found.start_up == 2
    assert found.phases["build"] == 5
    assert found.by_dag == {"a": 3, "b": 4}


def test_a_task_that_has_not_ended_counts_nothing() -> None:
    assert break_down(START, [ran("a", "build", 1, None)], {}).whole == 0
