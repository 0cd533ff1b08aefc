"""Airflow only: what is scheduled and by which event. The one place that imports Airflow."""
