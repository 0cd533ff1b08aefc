"""The settings under which Guanxi runs Airflow, all as environment variables: nothing is edited in its home."""

import json
import secrets
import sys
from pathlib import Path
from typing import Final

from infra.app.declared import PROJECT_ROOT
from infra.lake.settings import Settings

USER: Final = "guanxi"
DATABASE_WAIT_SECONDS: Final = 180
ENGINE_POOL: Final = "engine"
"""The pool of the tasks that may use Spark: so many of them go on at a time as it has slots."""
PAGES: Final = "/guanxi"
"""Where Airflow's server shows Guanxi's pages."""
LIGHT_TASKS: Final = 3
"""Tasks beside those of the engine: one that writes pages may wait half a minute, and pulls go on beside it."""
PRELOAD: Final = '''\
"""Loads what tasks need into the scheduler once, so that each forked task has it; opens no session."""

import sys

if "scheduler" in sys.argv[1:2]:
    from infra.app.preload import preload

    preload()
'''
TUNED: Final = {
    # A hop from one DAG to the next costs what the scheduler sleeps.
    "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
}


def prepare_airflow(settings: Settings) -> dict[str, str]:
    """Write what Airflow's home lacks (password, key, preload); returns the environment to run it in."""
    home = airflow_home(settings)
    config = home / "config"
    config.mkdir(parents=True, exist_ok=True)
    (config / "airflow_local_settings.py").write_text(PRELOAD if settings.airflow_tuned else "")
    passwords = password_file(settings)
    if not passwords.exists():
        _write_secret(passwords, json.dumps({USER: secrets.token_urlsafe(12)}))
    key = home / "jwt_secret"
    if not key.exists():
        _write_secret(key, secrets.token_urlsafe(64))
    return _environment(settings, home, key.read_text())


def airflow_home(settings: Settings) -> Path:
    """Airflow's own folder."""
    return settings.services_dir / "airflow"


def password_file(settings: Settings) -> Path:
    """File with the user's password, readable by its owner only."""
    return airflow_home(settings) / "passwords.json"


def _write_secret(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)


def _environment(settings: Settings, home: Path, jwt_secret: str) -> dict[str, str]:
    at = f"http://127.0.0.1:{settings.airflow_port}"
    options = {
        "CORE__DAGS_FOLDER": str(PROJECT_ROOT / "dags"),
        "CORE__PLUGINS_FOLDER": str(PROJECT_ROOT / "dags" / "plugins"),
        "CORE__LOAD_EXAMPLES": "false",
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": "false",
        "CORE__EXECUTOR": "LocalExecutor",
        # Tasks outside the engine's pool find room beside those in it.
        "CORE__PARALLELISM": str(settings.engine_slots + LIGHT_TASKS),
        "CORE__EXECUTION_API_SERVER_URL": f"{at}/execution/",
        # One user with a password, and nobody from another machine.
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(password_file(settings)),
        "API__HOST": "127.0.0.1",
        "API__PORT": str(settings.airflow_port),
        "API__BASE_URL": at,
        "API__WORKERS": "1",
        "API__SECRET_KEY": jwt_secret,
        "API_AUTH__JWT_SECRET": jwt_secret,
        "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}?timeout={DATABASE_WAIT_SECONDS}",
        "LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        # What died without a word is noticed within about a minute: a task by its silence, a scheduler by its tasks.
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
        "SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "30",
        # A call that is given up and made again finds its task running already, and ends it: the server may take as
        # long as it waits for its database.
        "WORKERS__EXECUTION_API_TIMEOUT": str(DATABASE_WAIT_SECONDS + 20),
        "DAG_PROCESSOR__REFRESH_INTERVAL": "10",
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "10",
    }
    if settings.airflow_tuned:
        options |= TUNED
    return {
        "AIRFLOW_HOME": str(home),
        **{f"AIRFLOW__{name}": value for name, value in options.items()},
        "PYTHONPATH": str(PROJECT_ROOT),
        "PYSPARK_PYTHON": sys.executable,
        # dbt's pools leave semaphores to the end of a task's process, where they are freed with a needless warning.
        "PYTHONWARNINGS": "ignore::UserWarning:multiprocessing.resource_tracker",
        **settings.as_environment(),
        "GUANXI_SPARK_REMOTE": f"sc://127.0.0.1:{settings.spark_port}",
    }
