"""One DAG for a unit of datasets, each task one call of the application.

rings (landing watcher, other DAGs' assets) or the sweep ─▶ pull ─▶ build ─▶ gate ─▶ publish ─▶ rings its readers
                                                  (sources only)
"""

from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import (
    DAG,
    Asset,
    AssetAlias,
    AssetAny,
    AssetOrTimeSchedule,
    AssetWatcher,
    DeltaTriggerTimetable,
    Param,
    TriggerRule,
    get_current_context,
    task,
)
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference
from airflow.sdk.definitions.retry_policy import ExceptionRetryPolicy, RetryAction, RetryRule
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

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
        deadline=_deadline(unit.name),
        default_args={**DEFAULTS, "owner": unit.owner, "on_failure_callback": _tell},
        render_template_as_native_obj=True,
    ) as dag:
        built = _build(unit)
        gated = _gate(unit, built)
        gated >> _publish(unit, built)
        refusing = [gated]
        if unit.source:
            pulled = _pull(unit.source)
            pulled >> built
            refusing.append(pulled)
        refusing >> _show_failure()
    return dag


def _deadline(name: str) -> DeadlineAlert:
    minutes = Settings().late_minutes
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(minutes=minutes),
        callback=AsyncCallback("infra.app.notify.tell_late", {"dag": name, "minutes": minutes}),
    )


def _schedule(unit: Unit) -> Any:  # noqa: ANN401 - Airflow accepts timetables and assets alike
    rings = AssetAny(*(asset(name) for name in unit.rings))
    minutes = Settings().sweep_minutes
    if not minutes:
        return rings
    return AssetOrTimeSchedule(assets=rings, timetable=DeltaTriggerTimetable(timedelta(minutes=minutes)))


def _pull(source: str) -> Any:  # noqa: ANN401 - Airflow's own task argument
    @task(task_id="pull", doc_md="Land what is complete in the source's inbox, and register what has landed.")
    def pull() -> None:
        from infra.app import tasks

        tasks.pull(source)

    return pull()


def _build(unit: Unit) -> Any:  # noqa: ANN401
    # What was refused at the door does not keep back the rest.
    @task(
        task_id="build",
        doc_md="Plan, and build what is out of date on branches named after the run.",
        trigger_rule=TriggerRule.ALL_DONE,
    )
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
    # Which assets are rung is known only when it is known what was published: the alias stands for all of the unit's.
    published_assets = AssetAlias(unit.name)

    # What the gate holds back must not keep back the rest; what did not pass is not published whatever the rule.
    @task(
        task_id="publish",
        doc_md="Publish exactly what passed, and ring those who read it.",
        outlets=[published_assets],
        trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS,
    )
    def publish(run: str) -> list[str]:
        from infra.app import tasks

        published = tasks.publish(unit.datasets, run)
        events = get_current_context()["outlet_events"][published_assets]
        for name in published:
            events.add(Asset(name))
        return published

    return publish(run)


def _show_failure() -> Any:  # noqa: ANN401
    # Airflow judges a run by its last task, and what passed is published though something else did not.
    @task(
        task_id="all_good",
        doc_md="Fails the run where something was refused, held or broken; skipped where nothing was.",
        trigger_rule=TriggerRule.ONE_FAILED,
        retries=0,
        on_failure_callback=None,
    )
    def all_good() -> None:
        raise AirflowFailException("something was refused, held or broken: see the failed task")

    return all_good()


def _tell(context: Any) -> None:  # noqa: ANN401
    from infra.app.notify import Notice, notify

    ti = context["task_instance"]
    text = f"{context.get('exception')}\nDAG {ti.dag_id}, run {ti.run_id}, try {ti.try_number}."
    notify(Notice(f"{ti.dag_id}.{ti.task_id} failed", text))


def _documentation(unit: Unit) -> str:
    lines = [
        f"## {unit.name}",
        unit.purpose,
        "Brings level: " + ", ".join(f"`{name}`" for name in unit.datasets) + ".",
        "Rung by: " + ", ".join(f"`{name}`" for name in unit.rings) + ". An event only rings; what is due is found by "
        "comparing the inputs' history with what the tables say they were built from.",
        "Params: `from`, `to` (days), `rebuild`, `dry_run`. A failed `gate` is bad data: see `guanxi status` and "
        "docs/operations.md.",
    ]
    return "\n\n".join(lines)
