"""What comes over the wire: too much of it is refused, what breaks off is asked for again, waiting has an end."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from infra.app.api_client import ApiClient, RefusedError, UnreachableError
from infra.app.fetch import fetch, has_more
from infra.lake.settings import ApiAccess, Settings
from tests.support.asked_platform import SOURCE, small_pages

Said = tuple[int, dict[str, str], bytes]
LARGEST = "spark_jobs.functions.count_records.LARGEST_PAGE_BYTES"


@contextmanager
def saying(*answers: Said) -> Iterator[tuple[str, list[str]]]:
    """A server that says one answer after another, the last for ever; yields its address and what was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = answers[min(len(asked), len(answers) - 1)]
            asked.append(self.path)
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(body)
            except ConnectionError:  # the client has seen enough
                self.close_connection = True

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def client(address: str, home: Path, tries: int = 3) -> ApiClient:
    return ApiClient("social_a", ApiAccess(url=address), Settings(home=home, api_timeout_seconds=5), tries)


def test_an_answer_that_breaks_off_is_asked_for_again(tmp_path: Path) -> None:
    with saying((200, {"Content-Length": "100"}, b"half"), (200, {}, b"whole")) as (address, asked):
        answer = client(address, tmp_path).get("x", {})

    assert (answer.body, answer.tried_again, len(asked)) == (b"whole", 1, 2)


@pytest.mark.parametrize("coded", [False, True], ids=["plain", "gzip"])
def test_an_answer_larger_than_a_page_is_refused_without_reading_it_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, coded: bool
) -> None:
    monkeypatch.setattr(LARGEST, 1 << 20)
    content = b"0" * (1 << 24)
    said = (200, {"Content-Encoding": "gzip"}, gzip.compress(content)) if coded else (200, {}, content)
    with saying(said) as (address, asked), pytest.raises(RefusedError, match=r"more than 1 MiB.*source.api.limit"):
        client(address, tmp_path).get("x", {})

    assert len(asked) == 1


def test_an_answer_as_large_as_a_page_may_be_is_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LARGEST, 1 << 20)
    with saying((200, {"Content-Encoding": "gzip"}, gzip.compress(b"0" * (1 << 20)))) as (address, _):
        assert len(client(address, tmp_path).get("x", {}).body) == 1 << 20


@pytest.mark.parametrize("seconds", ["301", "9" * 4000, "9" * 5000, "Fri, 31 Dec 2999 23:59:59 GMT"])
def test_a_platform_that_wants_to_be_left_alone_for_long_is_not_asked_again(tmp_path: Path, seconds: str) -> None:
    with saying((429, {"Retry-After": seconds}, b"")) as (address, asked), pytest.raises(UnreachableError):
        client(address, tmp_path).get("x", {})

    assert len(asked) == 1


def test_how_long_it_wants_to_be_left_alone_is_said(tmp_path: Path) -> None:
    with (
        saying((503, {"Retry-After": "7200"}, b"")) as (address, _),
        pytest.raises(UnreachableError, match="left alone for 7200 s"),
    ):
        client(address, tmp_path).get("x", {})


def test_who_asks_once_does_not_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("infra.app.api_client.sleep", slept.append)
    with saying((429, {"Retry-After": "1"}, b"")) as (address, asked), pytest.raises(UnreachableError, match="429"):
        client(address, tmp_path, tries=1).get("x", {})

    assert (slept, len(asked)) == ([], 1)


def test_neither_pull_nor_bell_asks_a_platform_again_before_the_time_it_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_000_000.0]
    monkeypatch.setattr("infra.app.closed.time", lambda: now[0])
    with saying((429, {"Retry-After": "7200"}, b"")) as (address, asked):
        settings = Settings(home=tmp_path, api={SOURCE: ApiAccess(url=address)}, api_timeout_seconds=5)
        for step_seconds, word in (
            (0, "left alone for 7200 s"),
            (6800, "for 400 s more"),
            (401, "left alone for 7200 s"),
        ):
            now[0] += step_seconds
            with pytest.raises(UnreachableError, match=word):
                fetch(settings, small_pages())
        with pytest.raises(UnreachableError, match="for 7200 s more"):
            has_more(settings, small_pages())

    assert len(asked) == 2


def test_what_a_platform_says_to_the_bell_counts_for_a_pull(tmp_path: Path) -> None:
    with saying((429, {"Retry-After": "7200"}, b"")) as (address, asked):
        settings = Settings(home=tmp_path, api={SOURCE: ApiAccess(url=address)}, api_timeout_seconds=5)
        for ask in (has_more, fetch):
            with pytest.raises(UnreachableError, match="left alone"):
                ask(settings, small_pages())

    assert len(asked) == 1


def test_a_bell_that_was_throttled_keeps_quiet_for_as_long_as_it_was_told(tmp_path: Path) -> None:
    with saying((429, {"Retry-After": "30"}, b"")) as (address, asked):
        settings = Settings(home=tmp_path, api={SOURCE: ApiAccess(url=address)}, api_timeout_seconds=5)
        for word in ("429", "left alone for"):
            with pytest.raises(UnreachableError, match=word):
                has_more(settings, small_pages())

    assert len(asked) == 1


def test_a_pull_waits_for_as_long_as_the_bell_was_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("infra.app.closed.sleep", slept.append)
    with saying((429, {"Retry-After": "30"}, b"")) as (address, _):
        settings = Settings(home=tmp_path, api={SOURCE: ApiAccess(url=address)}, api_timeout_seconds=5, api_tries=1)
        for ask in (has_more, fetch):
            with pytest.raises(UnreachableError, match="429"):
                ask(settings, small_pages())

    assert [round(seconds) for seconds in slept] == [30]
