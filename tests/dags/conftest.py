"""Airflow reads its home when it is imported: give it one that is thrown away."""

import os
import tempfile

os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="guanxi-airflow-")
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "false"
