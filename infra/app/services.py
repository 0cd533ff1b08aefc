"""The long-running services: Spark Connect, and Airflow's scheduler, triggerer, DAG processor and API server.

    guanxi up    starts each that is not running and waits until all are healthy
    guanxi down  ends exactly those that `up` started, and their children

Which process is whose stands in `services/<name>.json`: its id and the moment it was started, so that an id that the
system gave to somebody else is never taken for ours.
"""

import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from infra.app.airflow_settings import prepare_airflow
from infra.app.session import spark_settings
from infra.lake.errors import GuanxiError
from infra.lake.settings import Settings, environment_with

START_SECONDS = 120
STOP_SECONDS = 20
LEAST_FREE_BYTES = 2 * 1024**3
HEALTHY_AIRFLOW = ("scheduler", "triggerer", "dag_processor")
Say = Callable[[str], None]


class ServiceError(GuanxiError):
    """A service cannot be started, or does not get healthy."""


@dataclass(frozen=True)
class Service:
    """One process to keep running: its command, the port it listens on if any, and how to tell that it is healthy."""

    name: str
    command: tuple[str, ...]
    port: int | None = None
    setting: str = ""


@dataclass(frozen=True)
class State:
    """What is known of one service."""

    name: str
    process: int | None
    log: str


def up(settings: Settings, say: Say = lambda text: None) -> list[State]:
    """Start what is not running and wait until all are healthy; raises ServiceError naming log and remedy."""
    _refuse_what_cannot_work(settings)
    environment = prepare_airflow(settings)
    migrated = False
    for service in _services(settings):
        if _running(settings, service.name):
            continue
        if service.port and _is_open(service.port):
            raise ServiceError(
                f"{service.name}: port {service.port} is in use by another program. "
                f"End that program, or choose another port by {service.setting}."
            )
        if not migrated and service.name != "spark":
            say("airflow: database")
            _migrate(settings, environment)
            migrated = True
        say(f"{service.name}: starting")
        _start(settings, service, environment)
    _wait_until_healthy(settings, say)
    return states(settings)


def down(settings: Settings, say: Say = lambda text: None) -> list[str]:
    """End what `up` started, newest first, with all their children; returns the names of those that were running."""
    ended = []
    for service in reversed(_services(settings)):
        process = _running(settings, service.name)
        if process:
            say(f"{service.name}: ending")
            _end(process)
            ended.append(service.name)
        _record(settings, service.name).unlink(missing_ok=True)
    return ended


def states(settings: Settings) -> list[State]:
    """Every service with the id of its process, None where it is not running."""
    found = [(service.name, _running(settings, service.name)) for service in _services(settings)]
    return [State(name, process.pid if process else None, str(_log(settings, name))) for name, process in found]


def _services(settings: Settings) -> list[Service]:
    airflow = str(Path(sys.executable).with_name("airflow"))
    return [
        Service("spark", _spark_command(settings), settings.spark_port, "GUANXI_SPARK_PORT"),
        Service("api-server", (airflow, "api-server"), settings.airflow_port, "GUANXI_AIRFLOW_PORT"),
        Service("scheduler", (airflow, "scheduler")),
        Service("triggerer", (airflow, "triggerer")),
        Service("dag-processor", (airflow, "dag-processor")),
    ]


def _spark_command(settings: Settings) -> tuple[str, ...]:
    options = {
        **spark_settings(settings),
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(settings.spark_port),
    }
    conf = [part for name, value in options.items() for part in ("--conf", f"{name}={value}")]
    server = "org.apache.spark.sql.connect.service.SparkConnectServer"
    submit = str(Path(sys.executable).with_name("spark-submit"))
    return (submit, "--master", settings.spark_master, *conf, "--name", "guanxi", "--class", server, "spark-internal")


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


def _migrate(settings: Settings, environment: Mapping[str, str]) -> None:
    command = [str(Path(sys.executable).with_name("airflow")), "db", "migrate"]
    log = _log(settings, "database")
    with log.open("ab") as out:
        done = subprocess.run(  # noqa: S603 - our own command
            command, env=environment_with(environment), stdout=out, stderr=subprocess.STDOUT, check=False
        )
    if done.returncode:
        raise ServiceError(f"airflow: its database could not be brought up to date. See {log}.")


def _start(settings: Settings, service: Service, environment: Mapping[str, str]) -> None:
    settings.work_dir.mkdir(parents=True, exist_ok=True)
    with _log(settings, service.name).open("ab") as out:
        process = subprocess.Popen(  # noqa: S603 - our own command
            service.command,
            env=environment_with(environment),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=settings.services_dir,
            start_new_session=True,
        )
    started = psutil.Process(process.pid).create_time()
    _record(settings, service.name).write_text(json.dumps({"process": process.pid, "started": started}))


def _wait_until_healthy(settings: Settings, say: Say) -> None:
    deadline = time.monotonic() + START_SECONDS
    waiting: list[str] = []
    while time.monotonic() < deadline:
        for service in _services(settings):
            if not _running(settings, service.name):
                raise ServiceError(
                    f"{service.name}: ended right after it was started. See {_log(settings, service.name)}."
                )
        unhealthy = list(_unhealthy(settings))
        if not unhealthy:
            return
        if unhealthy != waiting:
            say(f"waiting for {', '.join(unhealthy)}")
            waiting = unhealthy
        time.sleep(0.5)
    logs = settings.services_dir / "logs"
    raise ServiceError(
        f"{', '.join(waiting)}: not healthy after {START_SECONDS} s. See {logs}, then `guanxi down` and up."
    )


def _unhealthy(settings: Settings) -> Iterator[str]:
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


def _running(settings: Settings, name: str) -> psutil.Process | None:
    """The process that was started under a name, if it is the same one and alive."""
    try:
        known = json.loads(_record(settings, name).read_text())
        process = psutil.Process(known["process"])
        alive = process.create_time() == known["started"] and process.status() != psutil.STATUS_ZOMBIE
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return None
    return process if alive else None


def _end(process: psutil.Process) -> None:
    """Ask it to end, then end by force whatever of it is left."""
    family = [process, *process.children(recursive=True)]
    process.terminate()
    psutil.wait_procs([process], timeout=STOP_SECONDS)
    for one in family:
        try:
            one.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(family, timeout=STOP_SECONDS)


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _record(settings: Settings, name: str) -> Path:
    return settings.services_dir / f"{name}.json"


def _log(settings: Settings, name: str) -> Path:
    logs = settings.services_dir / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    return logs / f"{name}.log"
