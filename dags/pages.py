"""Airflow DAG that keeps the pages level with the runs: another reader of what they leave, which nobody waits for."""

from airflow.sdk import DAG, Asset, AssetAny, task

from dags.defaults import DEFAULTS, EPOCH, with_sweep
from infra.app.declared import RUNS

with DAG(
    dag_id="pages",
    description="Writes the pages anew once a run has ended.",
    doc_md=(
        "## pages\n\nRung by the last step of every run, be anything published or not; runs that end while pages are "
        "written are shown by the next writing, of which there is one at a time. dbt's docs are left to `guanxi docs`."
    ),
    schedule=with_sweep(AssetAny(Asset(RUNS))),
    start_date=EPOCH,
    catchup=False,
    max_active_runs=1,
    tags={"pages"},
    default_args={**DEFAULTS, "owner": "data platform"},
):

    @task(doc_md="Write every page that a run may change.")
    def write() -> None:
        """Call the application."""
        from infra.app import tasks

        tasks.write_pages()

    write()
