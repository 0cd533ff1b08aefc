"""Where the time from landing to mart went: what Airflow says of its tasks beside what the loop says of its steps."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from infra.app.airflow_api import TaskRun
from infra.app.runs import PHASES


@dataclass(frozen=True)
class Breakdown:
    """Seconds from the delivery to the last task's end.

    `waiting` is when no task ran; `start_up` is what tasks took beside the loop's own steps. Tasks, and tables within
    one, are worked on side by side, so the parts may add up to more than the whole, and start-up to less than it was.
    """

    whole: float
    waiting: float
    start_up: float
    phases: Mapping[str, float]
    by_dag: Mapping[str, float]


def break_down(delivered_at: datetime, tasks: Sequence[TaskRun], phases: Mapping[str, float]) -> Breakdown:
    """Break the time since a delivery down; `phases` are the loop's own seconds by step."""
    spans = [(task.started_at, task.ended_at) for task in tasks if task.started_at and task.ended_at and task.seconds]
    end = max((ended for _, ended in spans), default=delivered_at)
    whole = (end - delivered_at).total_seconds()
    by_dag: dict[str, float] = defaultdict(float)
    for task in tasks:
        by_dag[task.dag] += task.seconds
    return Breakdown(
        whole=whole,
        waiting=whole - _covered(delivered_at, spans),
        start_up=max(0.0, sum(by_dag.values()) - sum(phases.values())),
        phases={phase: phases.get(phase, 0.0) for phase in PHASES},
        by_dag=dict(by_dag),
    )


def _covered(start: datetime, spans: Sequence[tuple[datetime, datetime]]) -> float:
    """Seconds in which at least one span goes on."""
    covered, until = 0.0, start
    for begun, ended in sorted(spans):
        if ended > until:
            covered += (ended - max(begun, until)).total_seconds()
            until = ended
    return covered
