"""supervisord keeps the long-running services: starts them, starts again what dies, ends them with all their children.

services/supervisord.conf  written by every `guanxi up`
services/logs/<name>.log   what each service writes, supervisord among them
"""

import hashlib
import os
import shlex
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil
from supervisor.xmlrpc import SupervisorTransport

from infra.lake.settings import Settings, environment_with

SUPERVISORD: Final = "supervisord"
START_SECONDS: Final = 15
SERVICE_STOP_SECONDS: Final = 10
STOP_SECONDS: Final = 3 * SERVICE_STOP_SECONDS
"""How long supervisord may take to end all services and itself: they are told at once, but on a busy machine late."""
RESTARTS: Final = 20
"""How often in a row a service that dies as soon as it is started is started again, with growing pauses."""


@dataclass(frozen=True)
class Service:
    """One process to keep running: its command, the port it listens on if any, and the setting that moves the port."""

    name: str
    command: tuple[str, ...]
    port: int | None = None
    setting: str = ""


class Keeper:
    """The supervisord of one home."""

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.services_dir
        # Nobody else works in this folder, so whatever process does was started for these services.
        self.workplace = self.folder / "run"

    def start(self, services: Sequence[Service], environment: Mapping[str, str]) -> None:
        """Start supervisord, if it does not run, with services that it does not start by itself."""
        if self.is_running():
            return
        for leftover in self._leftovers():
            _kill(leftover)
        self.workplace.mkdir(parents=True, exist_ok=True)
        self.log(SUPERVISORD).parent.mkdir(parents=True, exist_ok=True)
        self._config.write_text(_configuration(services, self))
        subprocess.run(  # noqa: S603 - our own command
            [str(Path(sys.executable).with_name(SUPERVISORD)), "-c", str(self._config)],
            env=environment_with(environment),
            cwd=self.workplace,
            stdin=subprocess.DEVNULL,
            check=True,
        )
        deadline = time.monotonic() + START_SECONDS
        while not self.is_running() and time.monotonic() < deadline:
            time.sleep(0.1)

    def run(self, name: str) -> None:
        """Start one service unless it runs; supervisord starts it again whenever it dies."""
        if self.processes()[name] is None:
            self._call("startProcess", name, False)

    def processes(self) -> dict[str, int | None]:
        """The process id of every service, None where it does not run now; empty where there is no supervisord."""
        if not self.is_running():
            return {}
        return {one["name"]: one["pid"] or None for one in self._call("getAllProcessInfo")}

    def gave_up(self) -> list[str]:
        """Services that died so often that they are not started again."""
        return [one["name"] for one in self._call("getAllProcessInfo") if one["statename"] == "FATAL"]

    def is_running(self) -> bool:
        """Whether supervisord answers."""
        try:
            self._call("getState")
        except (OSError, xmlrpc.client.Error):
            return False
        return True

    def end(self) -> list[str]:
        """End supervisord and all its services; returns the names of those that ran."""
        running = [name for name, process in self.processes().items() if process]
        if self.is_running():
            supervisor = psutil.Process(int(self._call("getPID")))
            # All at once: by itself supervisord ends one after another.
            self._call("stopAllProcesses", False)
            self._call("shutdown")
            psutil.wait_procs([supervisor], timeout=STOP_SECONDS)
        # A task that its scheduler did not end, or services whose supervisord was killed.
        for leftover in self._leftovers():
            _kill(leftover)
        return running

    def log(self, name: str) -> Path:
        """Where a service writes."""
        return self.folder / "logs" / f"{name}.log"

    @property
    def socket(self) -> Path:
        """Where supervisord listens; the path of a socket must be short, however deep the home lies."""
        digest = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"guanxi-{os.getuid()}-{digest}.sock"

    @property
    def _config(self) -> Path:
        return self.folder / "supervisord.conf"

    def _call(self, method: str, *arguments: Any) -> Any:  # noqa: ANN401 - XML-RPC
        transport = SupervisorTransport(None, None, f"unix://{self.socket}")
        with xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport) as server:
            return getattr(server.supervisor, method)(*arguments)

    def _leftovers(self) -> list[psutil.Process]:
        """Processes of this home's services that no supervisord keeps."""
        found = []
        for process in psutil.process_iter():
            try:
                if Path(process.cwd()) == self.workplace:
                    found.append(process)
            except (psutil.Error, OSError):
                continue
        return found


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return


def _configuration(services: Sequence[Service], keeper: Keeper) -> str:
    sections: dict[str, dict[str, object]] = {
        "supervisord": {"logfile": keeper.log(SUPERVISORD), "pidfile": keeper.folder / "supervisord.pid"},
        "unix_http_server": {"file": keeper.socket, "chmod": "0700"},
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
    }
    for service in services:
        sections[f"program:{service.name}"] = {
            "command": shlex.join(service.command),
            "directory": keeper.workplace,
            "stdout_logfile": keeper.log(service.name),
            "redirect_stderr": "true",
            "autostart": "false",
            "autorestart": "true",
            "startretries": RESTARTS,
            "stopasgroup": "true",
            "killasgroup": "true",
            "stopwaitsecs": SERVICE_STOP_SECONDS,
        }
    return "\n".join(f"[{name}]\n{_options(options)}" for name, options in sections.items())


def _options(options: Mapping[str, object]) -> str:
    # A percent sign would be taken for one of supervisord's own placeholders.
    return "".join(f"{name} = {str(value).replace('%', '%%')}\n" for name, value in options.items())
