"""What cannot work is refused before anything is started, with the remedy."""

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.app.demo.system import free_port
from infra.app.keeper import Keeper
from infra.app.services import ServiceError, down, services_of, up
from infra.lake.settings import Settings


def settings(home: Path) -> Settings:
    return Settings(home=home, airflow_port=free_port(), spark_port=free_port())


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with 8 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "guanxi", str(disk)]
    mounted = subprocess.run(mount, capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("only root may mount a disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_without_java_it_says_which_package_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ServiceError, match=r"needs Java 17 and there is none. Install openjdk-17-jre-headless"):
        up(settings(tmp_path / "home"))


def test_a_full_disk_is_said_with_the_setting_that_moves_the_home(small_disk: Path) -> None:
    with pytest.raises(ServiceError, match=r"only \d MiB are free .* Free at least 2 GiB, or set GUANXI_HOME"):
        up(settings(small_disk / "home"))


@pytest.mark.parametrize(("service", "setting"), [("spark", "spark_port"), ("api-server", "airflow_port")])
def test_a_port_in_use_is_said_with_the_setting_that_moves_it(tmp_path: Path, service: str, setting: str) -> None:
    asked = settings(tmp_path / "home")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = int(other.getsockname()[1])
        with pytest.raises(ServiceError, match=f"{service}: port {port} is in use.*GUANXI_{setting.upper()}"):
            up(asked.model_copy(update={setting: port}))

    assert not Keeper(asked).is_running()


def test_a_queue_is_listened_to_where_there_is_one(tmp_path: Path) -> None:
    bucket = settings(tmp_path).model_copy(update={"landing_url": "s3://bucket"})
    queue = bucket.model_copy(update={"landing_queue_url": "https://sqs.example.org/1/q"})

    assert "announcements" not in {service.name for service in services_of(bucket)}
    assert "announcements" in {service.name for service in services_of(queue)}


def test_down_where_nothing_runs_ends_nothing(tmp_path: Path) -> None:
    assert down(settings(tmp_path / "home")) == []
