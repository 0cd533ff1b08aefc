"""Airflow DAG of the nightly maintenance: branches of dead runs, history that nobody pins, orphaned files."""

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable, task

from dags.defaults import DEFAULTS
from infra.app.airflow_settings import ENGINE_POOL

with DAG(
    dag_id="maintenance",
    description="Drops what dead runs left, expires history that nothing pins, removes orphaned files.",
    doc_md="## maintenance\n\nThe same as `guanxi maintain`; a table that a run works on is left for the next night.",
    # Without a start date, and with little time to make up for a missed run (a tenth of a day by default), the first
    # run waits for its hour: a system that was just started has nothing to maintain.
    schedule=CronTriggerTimetable("30 3 * * *", timezone="UTC", run_immediately=timedelta(minutes=5)),
    catchup=False,
    max_active_runs=1,
    tags={"maintenance"},
    default_args={**DEFAULTS, "owner": "data platform", "execution_timeout": timedelta(hours=2)},
):

    @task(pool=ENGINE_POOL, doc_md="Look after every table whose lock is free.")
    def maintain() -> None:
        """Call the application."""
        from infra.app import tasks

        tasks.maintain()

    maintain()
