"""Airflow DAGs of every source, of every domain of features and of the marts: generated, so a new contract is a DAG."""

from dags.pipeline import pipeline
from infra.app.declared import units

for unit in units():
    globals()[unit.name] = pipeline(unit)
