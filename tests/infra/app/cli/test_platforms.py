"""`guanxi platforms serve` as a process of its own: what it prints, what it is told by options, how it ends."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.lake.settings import Settings, environment_with
from infra.simulator.platforms.server import serving, token_file
from tests.support.platforms import DAYS, bare_client, write_streams
from tests.support.terminal import Terminal

CANARY = "canary-canary-canary-canary"
OPTIONS = {
    "requests_a_minute": 600.0, "burst": 50, "longest_wait_seconds": 20.0, "server_errors": 0.1, "resets": 0.2,
    "slow": 0.3, "slow_seconds": 1.5, "seed": 11,
}  # fmt: skip


@dataclass
class Process:
    """A server, and what it has printed up to where its token is."""

    running: subprocess.Popen[str]
    printed: str

    @property
    def control(self) -> str:
        found = re.search(r"control: (http://127\.0\.0\.1:\d+/control)", self.printed)
        assert found
        return found[1]

    def end(self, number: signal.Signals) -> str:
        """Ask it to end; gives all that was printed."""
        self.running.send_signal(number)
        rest, _ = self.running.communicate(timeout=60)
        return self.printed + rest


@contextmanager
def serve(folder: Path, *options: str, **environment: str) -> Iterator[Process]:
    """`guanxi platforms serve` over small streams, on a free port."""
    command = [Path(sys.executable).with_name("guanxi"), "platforms", "serve", "--dir", folder, "--port", "0"]
    with subprocess.Popen(
        [*command, *options],
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment_with(environment),
    ) as running:
        try:
            printed = ""
            assert running.stdout
            while "token:" not in printed and (line := running.stdout.readline()):
                printed += line
            yield Process(running, printed)
        finally:
            running.kill()


def test_it_says_where_it_is_and_where_its_token_and_ends_in_order(tmp_path: Path) -> None:
    write_streams(tmp_path)
    words = [f"--{name.replace('_', '-')}={value}" for name, value in OPTIONS.items()]

    with serve(tmp_path, "--through", DAYS[1].isoformat(), *words) as process:
        token = token_file(tmp_path).read_text().strip()
        with bare_client() as http:
            told = http.get(process.control, headers={"Authorization": f"Bearer {token}"}).json()
            http.get(process.control, params={"token": token})
        printed = process.end(signal.SIGTERM)

    assert (told["through"], told["dial"]) == (DAYS[1].isoformat(), OPTIONS)
    assert f"token: in {token_file(tmp_path)}" in printed
    assert "GET /control 400" in printed
    assert token not in printed
    assert process.running.returncode == 0


def test_a_token_of_the_environment_is_used_and_never_shown(tmp_path: Path) -> None:
    write_streams(tmp_path)

    with serve(tmp_path, GUANXI_PLATFORMS_TOKEN=CANARY) as process:
        with bare_client() as http:
            status = http.get(process.control, headers={"Authorization": f"Bearer {CANARY}"}).status_code
        printed = process.end(signal.SIGINT)

    assert status == 200
    assert "token: GUANXI_PLATFORMS_TOKEN" in printed
    assert CANARY not in printed
    assert not token_file(tmp_path).exists()
    assert process.running.returncode == 0


def test_no_child_process_gets_the_token() -> None:
    settings = Settings(platforms_token=CANARY)

    assert CANARY not in repr(settings)
    assert not [name for name in settings.as_environment() if "TOKEN" in name]


def test_a_folder_that_nothing_was_written_to(tmp_path: Path) -> None:
    told = Terminal(tmp_path).refusal("platforms", "serve", "--dir", tmp_path)

    assert "guanxi simulate" in told


@pytest.mark.parametrize("day", ["tomorrow", "2026-02-30", "20260302"])
def test_a_day_that_is_none(tmp_path: Path, day: str) -> None:
    told = Terminal(tmp_path).refusal("platforms", "serve", "--dir", write_streams(tmp_path), "--through", day)

    assert f"--through {day}: not a day. Write it as YYYY-MM-DD" in told


def test_a_port_in_use(tmp_path: Path) -> None:
    write_streams(tmp_path)
    with serving(tmp_path) as server:
        port = server.server_address[1]
        told = Terminal(tmp_path).refusal("platforms", "serve", "--dir", tmp_path, "--port", port)

    assert f"port {port} of 127.0.0.1" in told


def test_shares_that_are_more_than_the_whole(tmp_path: Path) -> None:
    words = ("platforms", "serve", "--dir", write_streams(tmp_path), "--resets", "0.6", "--server-errors", "0.6")

    assert "at most 1" in Terminal(tmp_path).refusal(*words)


def test_a_share_out_of_range_is_refused_by_its_option(tmp_path: Path) -> None:
    words = ("platforms", "serve", "--dir", write_streams(tmp_path), "--resets", "1.5")

    assert "--resets" in Terminal(tmp_path).run(*words).output
