"""A real S3 server (SeaweedFS) on free ports of this machine, for as long as the tests last."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3

from infra.lake.settings import Settings, environment_with

KEY, SECRET = "testkey", "canary-secret-of-the-tests"
REGION = "us-east-1"
START_SECONDS = 90
ACTIONS = ["Admin", "Read", "Write", "List", "Tagging"]
USERS = {"identities": [{"name": "t", "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ACTIONS}]}


@dataclass(frozen=True)
class ObjectServer:
    """Where the server answers."""

    endpoint: str

    def client(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
        )

    def new_bucket(self) -> str:
        """The name of a bucket that nobody has used."""
        name = f"test-{uuid4().hex}"
        self.client().create_bucket(Bucket=name)
        return name

    def landing_in(self, bucket: str) -> dict[str, str]:
        """Settings of a landing store in a bucket."""
        return {
            "landing_url": f"s3://{bucket}/landing",
            "landing_endpoint": self.endpoint,
            "landing_region": REGION,
        }

    def settings(self, home: Path, bucket: str) -> Settings:
        """Settings of a home with a landing store in a bucket."""
        return Settings(home=home, **self.landing_in(bucket))


@contextmanager
def serving_objects(folder: Path) -> Iterator[ObjectServer]:
    """Start the server over a folder; it is killed at the end, since it takes half a minute to stop by itself."""
    config = folder / "s3.json"
    config.write_text(json.dumps(USERS))
    ports = _free_ports(8)
    command = [str(Path(sys.executable).with_name("weed")), *_options(folder, config, ports)]
    # Its sockets and its settings, wherever it looks for them, stay in the folder.
    environment = environment_with({"HOME": str(folder), "TMPDIR": str(folder)})
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=folder, start_new_session=True)
    try:
        endpoint = f"http://127.0.0.1:{ports[6]}"
        _wait_until_it_answers(endpoint, server)
        yield ObjectServer(endpoint)
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _options(folder: Path, config: Path, ports: list[int]) -> list[str]:
    names = [f"-{part}.{port}" for part in ("master", "volume", "filer", "s3") for port in ("port", "port.grpc")]
    return [
        "server",
        f"-dir={folder}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        *(f"{name}={port}" for name, port in zip(names, ports, strict=True)),
        "-master.volumeSizeLimitMB=64",
        "-volume.max=0",
        "-filer",
        "-s3",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        f"-s3.config={config}",
        "-master.telemetry=false",
    ]


def _wait_until_it_answers(endpoint: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(endpoint, timeout=2)
        except urllib.error.HTTPError:
            return  # it refuses who shows no key
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the S3 server did not answer (exit code {server.returncode})")


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()
