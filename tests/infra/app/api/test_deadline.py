"""A pull ends in time, whatever the platform is in the middle of; what it landed stays, and the next goes on there."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from infra.app.api_client import UnreachableError
from infra.app.deadline import Deadline
from infra.app.fetch import fetch, has_more
from infra.lake.settings import ApiAccess, Settings
from infra.simulator.platforms.dial import Dial
from infra.simulator.platforms.server import serving
from tests.support.asked_platform import SOURCE, AskedPlatform, expected, small_pages

HEAD = b"HTTP/1.1 200 OK\r\n"
DRIPS = {
    "body": (HEAD + b"Content-Length: 1000000\r\n\r\n", b"{"),
    "chunked body": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"10000\r\n", b"{"),
    "body without an end": (HEAD + b"\r\n", b"{"),
    "headers": (HEAD + b"X-Drip: ", b"x"),
    "status": (b"HTTP/1.1 200 ", b"O"),
}


@contextmanager
def dripping(begin: bytes, drop: bytes) -> Iterator[str]:
    """A platform that says its beginning, and then a drop at a time without an end; yields its address."""
    ended = threading.Event()

    def drip(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(begin)
            while not ended.wait(0.02):
                connection.sendall(drop)

    def accept(server: socket.socket) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=drip, args=(server.accept()[0],)).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=accept, args=(server,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            ended.set()
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.mark.fault(32, how="a platform whose status, headers or body drip byte by byte", part=True)
@pytest.mark.parametrize("drip", DRIPS.values(), ids=DRIPS)
@pytest.mark.parametrize("ask", [fetch, has_more], ids=["pull", "bell"])
def test_who_drips_is_cut_off_though_no_single_byte_is_late(
    ask: Callable[..., object], drip: tuple[bytes, bytes], tmp_path: Path
) -> None:
    with dripping(*drip) as address:
        limits = {"api_pull_seconds": 0.3} if ask is fetch else {"api_pull_seconds": 60, "api_timeout_seconds": 0.3}
        settings = Settings(home=tmp_path, api={SOURCE: ApiAccess(url=address)}, api_tries=1, **limits)
        words = r"^social_b: http://127.*/activities gave no page before the deadline of 0.3 s.*GUANXI_API_PULL_SECONDS"
        with pytest.raises(UnreachableError, match=words):
            ask(settings, small_pages())


@pytest.mark.fault(32, how="a platform whose TLS handshake drips", part=True)
def test_a_handshake_that_drips_is_cut_off(tmp_path: Path) -> None:
    # A record of TLS that never comes to its end.
    with dripping(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc", b"\x00") as address:
        access = ApiAccess(url=address.replace("http:", "https:"))
        settings = Settings(home=tmp_path, api={SOURCE: access}, api_tries=1, api_pull_seconds=0.3)
        with pytest.raises(UnreachableError, match=r"gave no page before the deadline of 0.3 s"):
            fetch(settings, small_pages())


def test_what_connects_when_time_is_up_is_cut_at_once() -> None:
    with Deadline(60) as deadline:
        deadline._cut()
        here, there = socket.socketpair()
        with here, there:
            deadline.watch(here)

            assert there.recv(1) == b""


def test_what_connects_in_time_is_left_alone() -> None:
    with Deadline(60) as deadline:
        here, there = socket.socketpair()
        with here, there:
            deadline.watch(here)
            here.sendall(b"x")

            assert there.recv(1) == b"x"


def test_pages_without_an_end_are_left_at_the_deadline_and_the_next_pull_goes_on_behind_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(folder) as server:
        platform = AskedPlatform(folder, server)
        left_seconds = [1.0] * 4 + [-1.0] * 9
        monkeypatch.setattr("infra.app.deadline.Deadline.left_seconds", property(lambda _: left_seconds.pop(0)))
        words = r"(?s)before the deadline.*Landed until then: 2 pages with 6 items, up to 00000002-\S+\.page\.json"
        with pytest.raises(UnreachableError, match=words):
            platform.fetch()
        left = platform.ids()
        monkeypatch.undo()
        platform.fetch()

    assert left == expected(6)
    assert platform.ids() == expected(12)


def test_nobody_waits_for_a_try_that_would_be_too_late(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("infra.app.api_client.sleep", slept.append)
    with serving(folder, dial=Dial(requests_a_minute=1, burst=1)) as server:
        platform = AskedPlatform(folder, server)
        platform.settings = platform.settings.model_copy(update={"api_pull_seconds": 20})
        with pytest.raises(UnreachableError, match=r"deadline of 20 s.*1 pages with 3 items") as late:
            platform.fetch()

    assert slept == []
    assert late.value.seconds == 60
    assert not late.value.is_failure, "it merely throttles"


def test_a_platform_that_fails_and_asks_for_too_long_a_pause_has_failed(tmp_path: Path) -> None:
    busy = b"HTTP/1.1 503 Busy\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n"
    with dripping(busy, b"") as address:
        settings = Settings(home=tmp_path, api={SOURCE: ApiAccess(url=address)}, api_pull_seconds=20)
        with pytest.raises(UnreachableError, match="deadline of 20 s") as late:
            fetch(settings, small_pages())

    assert late.value.seconds == 60
    assert late.value.is_failure


def test_the_time_of_a_pull_begins_anew_with_each(platform: AskedPlatform) -> None:
    platform.settings = platform.settings.model_copy(update={"api_pull_seconds": 30, "api_pages_a_pull": 1})
    for _ in range(4):
        platform.fetch()

    assert platform.ids() == expected(12)
