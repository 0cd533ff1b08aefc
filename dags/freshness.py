"""Airflow DAG that looks whether the contracts' promises of freshness are kept."""

from datetime import UTC, datetime, timedelta
from typing import Final

from airflow.sdk import DAG, Context, DeltaTriggerTimetable, get_current_context, task

from dags.defaults import DEFAULTS, EPOCH, tell
from infra.app.errors import LateError
from infra.lake.settings import Settings

LONGEST: Final = timedelta(minutes=15)
PERIOD: Final = min(timedelta(minutes=Settings().sweep_minutes) or LONGEST, LONGEST)


def tell_if_broken(context: Context) -> None:
    """Send a notice of a check that could not be made; of what is late the check has told people itself."""
    if not isinstance(context.get("exception"), LateError):
        tell(context)


with DAG(
    dag_id="freshness",
    description="Fails while a dataset is later than its contract promises.",
    doc_md=(
        "## freshness\n\nA source is late when nothing was received for longer than its `frequency`; any other dataset "
        "when something delivered is not in it within its `latency`. A notice goes out for each once, when it becomes "
        "late; the run fails as long as it is. `guanxi status` says the same."
    ),
    schedule=DeltaTriggerTimetable(PERIOD, interval=PERIOD),
    start_date=EPOCH,
    catchup=False,
    max_active_runs=1,
    tags={"freshness"},
    default_args={**DEFAULTS, "owner": "data platform", "on_failure_callback": tell_if_broken},
):

    @task(doc_md="Compare what the tables have not taken in with what is promised.")
    def check() -> None:
        """Tell of what became late since the end of the previous run's interval; a run by hand tells of nothing."""
        from infra.app import tasks

        context = get_current_context()
        until = context["dag_run"].data_interval_end
        if until is None:
            now = datetime.now(UTC)
            return tasks.check_freshness(now, now)
        previous = context["ti"].get_previous_dagrun()
        return tasks.check_freshness(previous.data_interval_end if previous else None, until)

    check()
