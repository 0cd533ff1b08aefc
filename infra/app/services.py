"""The long-running services: Spark Connect, and Airflow's scheduler, triggerer, DAG processor and API server; and who
listens to a bucket's queue, where there is one.

guanxi up    starts each that is not running and waits until all are healthy; one that dies is started again
guanxi down  ends exactly those that `up` started, and their children
"""

import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import httpx

from infra.app.airflow_api import Airflow
from infra.app.airflow_settings import ENGINE_POOL, prepare_airflow
from infra.app.app import App
from infra.app.keeper import Keeper, Service
from infra.app.session import spark_settings
from infra.lake.errors import GuanxiError
from infra.lake.settings import Settings, environment_with

START_SECONDS = 300
LEAST_FREE_BYTES = 2 * 1024**3
AIRFLOW_FIRST = "api-server"
HEALTHY_AIRFLOW = ("scheduler", "triggerer", "dag_processor")
Say = Callable[[str], None]


class ServiceError(GuanxiError):
    """A service cannot be started, or does not get healthy."""


def up(settings: Settings, say: Say = lambda text: None) -> None:
    """Start what is not running and wait until all are healthy; raises ServiceError naming log and remedy."""
    _refuse_what_cannot_work(settings)
    keeper, services = Keeper(settings), services_of(settings)
    running = {name for name, process in keeper.processes().items() if process}
    missing = [service for service in services if service.name not in running]
    _refuse_ports_in_use(missing)
    environment = prepare_airflow(settings)
    keeper.start(services, environment)
    for service in missing:
        if service.name == AIRFLOW_FIRST:
            say("lake and database: preparing")
            _prepare(settings, environment, keeper)
        say(f"{service.name}: starting")
        keeper.run(service.name)
    _wait_until_healthy(settings, keeper, say)


def down(settings: Settings) -> list[str]:
    """End what `up` started, with all children; returns the names of the services that were running."""
    return Keeper(settings).end()


def _refuse_ports_in_use(services: Iterable[Service]) -> None:
    for service in services:
        if service.port and _is_open(service.port):
            raise ServiceError(
                f"{service.name}: port {service.port} is in use by another program. "
                f"End that program, or choose another port by {service.setting}."
            )


def services_of(settings: Settings) -> list[Service]:
    """Everything that has to run for a home."""
    airflow = _program("airflow")
    services = [
        Service("spark", _spark_command(settings), settings.spark_port, "GUANXI_SPARK_PORT"),
        Service(AIRFLOW_FIRST, (airflow, "api-server"), settings.airflow_port, "GUANXI_AIRFLOW_PORT"),
        # Their logs are read as files: servers of logs would listen to everybody, on ports that another home may have.
        Service("scheduler", (airflow, "scheduler", "--skip-serve-logs")),
        Service("triggerer", (airflow, "triggerer", "--skip-serve-logs")),
        Service("dag-processor", (airflow, "dag-processor")),
    ]
    if settings.landing_url and settings.landing_queue_url:
        services.append(Service("announcements", (_program("guanxi"), "listen")))
    return services


def _spark_command(settings: Settings) -> tuple[str, ...]:
    options = {
        **spark_settings(settings),
        "spark.log.level": "WARN",
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(settings.spark_port),
    }
    conf = [part for name, value in options.items() for part in ("--conf", f"{name}={value}")]
    command = (_program("spark-submit"), "--master", settings.spark_master, "--name", "guanxi", *conf)
    return (*command, "--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal")


def _refuse_what_cannot_work(settings: Settings) -> None:
    if shutil.which("java") is None:
        raise ServiceError(
            "java: Spark needs Java 17 and there is none. Install openjdk-17-jre-headless, then try again."
        )
    settings.services_dir.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.services_dir).free
    if free < LEAST_FREE_BYTES:
        raise ServiceError(
            f"{settings.root}: only {free // 1024**2} MiB are free on this disk and Spark needs room to sort. "
            "Free at least 2 GiB, or set GUANXI_HOME to another disk."
        )


def _prepare(settings: Settings, environment: Mapping[str, str], keeper: Keeper) -> None:
    """Bring Airflow's database up to date, and meanwhile create the tables, so that first tasks do not all do it."""
    log = keeper.log("database")
    with log.open("ab") as out:
        migration = subprocess.Popen(  # noqa: S603 - our own command
            [_program("airflow"), "db", "migrate"],
            env=environment_with(environment),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    App(settings).prepare()
    if migration.wait():
        raise ServiceError(f"airflow: its database could not be brought up to date. See {log}.")


def _program(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _wait_until_healthy(settings: Settings, keeper: Keeper, say: Say) -> None:
    deadline = time.monotonic() + START_SECONDS
    waiting: list[str] = []
    has_pool = False
    while time.monotonic() < deadline:
        if lost := keeper.gave_up():
            raise ServiceError(f"{lost[0]}: ends as soon as it is started. See {keeper.log(lost[0])}.")
        unhealthy = list(_unhealthy(settings, keeper))
        # As early as may be: tasks wait for a pool that is not there, whatever else gets healthy.
        has_pool = has_pool or (AIRFLOW_FIRST not in unhealthy and _set_pool(settings))
        if not unhealthy and has_pool:
            return
        if unhealthy != waiting:
            say(f"waiting for {', '.join(unhealthy)}")
            waiting = unhealthy
        time.sleep(0.5)
    raise ServiceError(
        f"{', '.join(waiting) or AIRFLOW_FIRST}: not healthy after {START_SECONDS} s. "
        f"See {keeper.log(AIRFLOW_FIRST).parent}, then `guanxi down` and up."
    )


def _set_pool(settings: Settings) -> bool:
    try:
        Airflow(settings).set_pool(ENGINE_POOL, settings.engine_slots, "Tasks that may use Spark.")
    except (OSError, httpx.HTTPError):
        return False
    return True


def _unhealthy(settings: Settings, keeper: Keeper) -> Iterator[str]:
    # Airflow calls healthy what has just died: its process must be there too.
    yield from (name for name, process in keeper.processes().items() if process is None)
    if not _is_open(settings.spark_port):
        yield "spark"
    try:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{settings.airflow_port}/api/v2/monitor/health", timeout=5
        ) as answer:
            health = json.load(answer)
    except (OSError, urllib.error.URLError, ValueError):
        yield "api-server"
        return
    for part in HEALTHY_AIRFLOW:
        if (health.get(part) or {}).get("status") != "healthy":
            yield part.replace("_", "-")


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
