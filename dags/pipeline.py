"""One DAG for a unit of datasets: build, gate and publish, each one call of the application.

rings (landing watcher, other DAGs' assets) or the sweep ─▶ build ─▶ gate ─▶ publish ─▶ rings the units that read it
"""

from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import (
    DAG,
    Asset,
    AssetAny,
    AssetOrTimeSchedule,
    AssetWatcher,
    DeltaTriggerTimetable,
    Param,
    TriggerRule,
    get_current_context,
    task,
)
from airflow.sdk.definitions.retry_policy import ExceptionRetryPolicy, RetryAction, RetryRule
from airflow.sdk.exceptions import AirflowSkipException

from dags.watcher import LandingWatcher
from infra.app.declared import Unit
from infra.lake.settings import Settings

EPOCH = datetime(2026, 1, 1)
RETRIES = 3
DEFAULTS = {
    "retries": RETRIES,
    "retry_delay": timedelta(seconds=5),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=5),
    # Bad data stays bad: it is said at once. Everything else may be a broken machine, which is tried again.
    "retry_policy": ExceptionRetryPolicy(
        rules=[RetryRule(exception="infra.app.errors.BadDataError", action=RetryAction.FAIL)]
    ),
}
PARAMS = {
    "from": Param(
        None, type=["null", "string"], format="date", description="First day to build; empty for all due days."
    ),
    "to": Param(None, type=["null", "string"], format="date", description="Last day to build; empty for all due days."),
    "rebuild": Param(False, type="boolean", description="Build the days asked for whatever moved."),
    "dry_run": Param(False, type="boolean", description="Only print the plan."),
}


def asset(name: str) -> Asset:
    """The asset of a dataset, or of a source's landing store (`landing.<source>`)."""
    source = name.removeprefix("landing.")
    seconds = Settings().watch_seconds
    if source == name or not seconds:
        return Asset(name)
    return Asset(name, watchers=[AssetWatcher(name=f"watch_{source}", trigger=LandingWatcher(source, seconds))])


def pipeline(unit: Unit) -> DAG:
    """The DAG of one unit."""
    with DAG(
        dag_id=unit.name,
        description=unit.purpose[:200],
        doc_md=_documentation(unit),
        schedule=_schedule(unit),
        start_date=EPOCH,
        catchup=False,
        max_active_runs=1,
        tags=set(unit.tags),
        params=PARAMS,
        default_args={**DEFAULTS, "owner": unit.owner, "on_failure_callback": _tell},
        render_template_as_native_obj=True,
    ) as dag:
        built = _build(unit)
        _gate(unit, built) >> _publish(unit, built)
    return dag


def _schedule(unit: Unit) -> Any:  # noqa: ANN401 - Airflow accepts timetables and assets alike
    rings = AssetAny(*(asset(name) for name in unit.rings))
    minutes = Settings().sweep_minutes
    if not minutes:
        return rings
    return AssetOrTimeSchedule(assets=rings, timetable=DeltaTriggerTimetable(timedelta(minutes=minutes)))


def _build(unit: Unit) -> Any:  # noqa: ANN401 - Airflow's own task argument
    @task(task_id="build", doc_md="Plan, and build what is out of date on branches named after the run.")
    def build() -> str:
        from infra.app import tasks

        params = get_current_context()["params"]
        run = tasks.build(unit.datasets, params["from"], params["to"], params["rebuild"], params["dry_run"])
        if run is None:
            raise AirflowSkipException("nothing is out of date, or this was a dry run")
        return run

    return build()


def _gate(unit: Unit, run: Any) -> Any:  # noqa: ANN401
    @task(task_id="gate", doc_md="Run the contracts' rules on what was built; fails at once for bad data.")
    def gate(run: str) -> None:
        from infra.app import tasks

        tasks.gate(unit.datasets, run)

    return gate(run)


def _publish(unit: Unit, run: Any) -> Any:  # noqa: ANN401
    outlets = [asset(name) for name in unit.announces]

    # What the gate holds back must not keep back the rest; what did not pass is not published whatever the rule.
    @task(
        task_id="publish",
        doc_md="Publish exactly what passed, and ring those who read it.",
        outlets=outlets,
        trigger_rule=TriggerRule.ALL_DONE,
    )
    def publish(run: str | None) -> list[str]:
        from infra.app import tasks

        published = tasks.publish(unit.datasets, run) if run else []
        if not published:
            raise AirflowSkipException("nothing new was published, so nobody is rung")
        return published

    return publish(run)


def _tell(context: Any) -> None:  # noqa: ANN401
    from infra.app.notify import Notice, notify

    ti = context["task_instance"]
    text = f"{context.get('exception')}\nDAG {ti.dag_id}, run {ti.run_id}, try {ti.try_number}."
    notify(Notice(f"{ti.dag_id}.{ti.task_id} failed", text))


def _documentation(unit: Unit) -> str:
    lines = [
        f"## {unit.name}",
        unit.purpose,
        "Brings level, with all they read: " + ", ".join(f"`{name}`" for name in unit.datasets) + ".",
        "Rung by: " + ", ".join(f"`{name}`" for name in unit.rings) + ". An event only rings; what is due is found by "
        "comparing the inputs' history with what the tables say they were built from.",
        "Params: `from`, `to` (days), `rebuild`, `dry_run`. A failed `gate` is bad data: see `guanxi status` and "
        "docs/operations.md.",
    ]
    return "\n\n".join(lines)
