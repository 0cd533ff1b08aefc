"""What all DAGs have in common: when they begin, how tasks are tried again, and who is told that one has failed."""

from datetime import datetime, timedelta
from typing import Any, Final

from airflow.sdk import AssetAny, AssetOrTimeSchedule, Context, DeltaTriggerTimetable
from airflow.sdk.definitions.retry_policy import ExceptionRetryPolicy, RetryAction, RetryRule

from infra.lake.settings import Settings


def tell(context: Context) -> None:
    """Send a notice of a task that failed and is not tried again; a platform that is left alone was told of before."""
    from infra.app.closed import LeftAloneError
    from infra.app.notify import Notice, notify
    from infra.loop.result import in_words

    ti = context["task_instance"]
    error = context.get("exception")
    if isinstance(error, LeftAloneError):
        return
    said = in_words(error) if isinstance(error, BaseException) else "It ended without a word."
    text = f"{said}\nDAG {ti.dag_id}, run {ti.run_id}, try {ti.try_number}."
    notify(Notice(f"{ti.dag_id}.{ti.task_id} failed", text))


def with_sweep(rings: AssetAny) -> Any:  # noqa: ANN401 - Airflow accepts timetables and assets alike
    """The schedule of what is rung, and looks by itself from time to time, should a ring have been lost."""
    minutes = Settings().sweep_minutes
    if not minutes:
        return rings
    return AssetOrTimeSchedule(assets=rings, timetable=DeltaTriggerTimetable(timedelta(minutes=minutes)))


EPOCH: Final = datetime(2026, 1, 1)
DEFAULTS: Final[dict[str, Any]] = {
    "retries": 3,
    "retry_delay": timedelta(seconds=5),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=5),
    # Bad data stays bad: it is said at once. Everything else may be a broken machine, which is tried again.
    "retry_policy": ExceptionRetryPolicy(
        rules=[RetryRule(exception="infra.app.errors.FinalError", action=RetryAction.FAIL)]
    ),
    "on_failure_callback": tell,
}
