"""One DAG for a unit of datasets.

rings (landing watcher, other DAGs' assets) or the sweep ─▶ pull ─▶ build ─▶ gate ─▶ publish ─▶ rings its readers
                                                  (sources only)
"""

from datetime import timedelta

from airflow.sdk import (
    DAG,
    Asset,
    AssetAlias,
    AssetAny,
    AssetWatcher,
    Param,
)
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from dags.defaults import DEFAULTS, EPOCH, with_sweep
from dags.steps import BUILD, AllGood, Build, Gate, Publish, Pull
from dags.watcher import LandingWatcher, PlatformWatcher
from infra.app.declared import Unit
from infra.lake.settings import Settings

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
    return Asset(name, watchers=_watchers(source) if source != name else [])


def _watchers(source: str) -> list[AssetWatcher]:
    settings, watchers = Settings(), []
    if settings.watch_seconds:
        watchers.append(AssetWatcher(name=f"watch_{source}", trigger=LandingWatcher(source, settings.watch_seconds)))
    if settings.api_poll_seconds and source in settings.api:
        watchers.append(AssetWatcher(name=f"poll_{source}", trigger=PlatformWatcher(source, settings.api_poll_seconds)))
    return watchers


def pipeline(unit: Unit) -> DAG:
    """The DAG of one unit."""
    with DAG(
        dag_id=unit.name,
        description=unit.purpose[:200],
        doc_md=_documentation(unit),
        schedule=with_sweep(AssetAny(*(asset(name) for name in unit.rings))),
        start_date=EPOCH,
        catchup=False,
        max_active_runs=1,
        tags=set(unit.tags),
        params=PARAMS,
        deadline=_deadline(unit.name),
        default_args={**DEFAULTS, "owner": unit.owner},
    ) as dag:
        build = Build(task_id=BUILD, unit=unit)
        gate = Gate(task_id="gate", unit=unit)
        publish = Publish(task_id="publish", unit=unit, outlets=[AssetAlias(unit.name)])
        all_good = AllGood(task_id="all_good", unit=unit, retries=0, on_failure_callback=None)
        # Whatever the gate says, what passed is published.
        build >> gate >> publish
        build >> publish
        gate >> all_good
        if unit.source:
            pull = Pull(task_id="pull", unit=unit)
            pull >> build
            pull >> all_good
    return dag


def _deadline(name: str) -> DeadlineAlert:
    minutes = Settings().late_minutes
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(minutes=minutes),
        callback=AsyncCallback("infra.app.notify.tell_late", {"dag": name, "minutes": minutes}),
    )


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
