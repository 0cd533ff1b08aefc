"""Ringing by hand: has Airflow look at a dataset at once, for instance because somebody accepted what was held."""

import httpx

from infra.app.airflow_api import Airflow
from infra.app.declared import units
from infra.app.keeper import Keeper
from infra.lake.settings import Settings


def ring(settings: Settings, dataset: str) -> str | None:
    """Queue a run of the DAG that brings a dataset level and return the DAG's name; None where no Airflow answers."""
    if not Keeper(settings).is_running():
        return None
    dag = next((unit.name for unit in units() if dataset in unit.datasets), None)
    if dag is None:
        return None
    try:
        Airflow(settings).trigger(dag)
    except (OSError, httpx.HTTPError, LookupError, ValueError):
        return None
    return dag
