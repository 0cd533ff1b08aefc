"""Connections: kept between requests, answered side by side, ended when the server ends."""

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from infra.simulator.platforms.dial import Dial
from infra.simulator.platforms.server import Handler, serving
from tests.support.platforms import DAYS, KIND_KEYS, Client, items, joined

Serve = Callable[..., Client]


def test_a_connection_serves_one_request_after_the_other(served: Client) -> None:
    url = served.http.base_url
    asked = f"GET /social_a/activities?limit=1 HTTP/1.1\r\nAuthorization: Bearer {served.token}\r\n\r\n".encode()
    with socket.create_connection((url.host, url.port), timeout=20) as connection:
        # Both at once: the second one waits its turn on the same connection.
        connection.sendall(asked * 2)
        answers = b""
        while answers.count(b'"has_more"') < 2:
            answers += connection.recv(4096)

    assert answers.count(b"HTTP/1.1 200") == 2


def test_clients_side_by_side_get_the_same_pages(served: Client) -> None:
    def read(number: int) -> bytes:
        source = sorted(KIND_KEYS)[number % 2]
        return joined(list(served.pages(source, limit=1 + number)))

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(read, range(8)))

    for number, read_bytes in enumerate(got):
        source = sorted(KIND_KEYS)[number % 2]
        assert read_bytes == b",".join(item for day in DAYS for item in items(source, day))


def test_a_slow_answer_holds_up_nobody_else(serve: Serve) -> None:
    client = serve(dial=Dial(slow=1, slow_seconds=3600))
    with pytest.raises(httpx.ReadTimeout):
        client.http.get("/social_a/activities", timeout=0.1)

    client.control(dial={"slow": 0.0})

    assert client.ask("social_a").status_code == 200


def test_an_idle_connection_does_not_keep_the_server_from_ending(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Without this the idle connection would end by itself, some time later.
    monkeypatch.setattr(Handler, "timeout", None)
    with serving(folder) as server:
        connection = socket.create_connection(("127.0.0.1", server.server_address[1]), timeout=20)
        Client(server, folder).control()

    with connection:
        assert connection.recv(1) == b""


def test_a_slow_answer_is_sent_at_once_when_the_server_ends(folder: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        with serving(folder, dial=Dial(slow=1, slow_seconds=3600)) as server:
            client = Client(server, folder)
            answer = pool.submit(client.ask, "social_a", limit=7)
            while not client.counts("social_a").get("slow"):
                pass

        assert answer.result(timeout=20).status_code == 200


def test_nothing_answers_any_more_after_the_end(folder: Path) -> None:
    with serving(folder) as server:
        port = server.server_address[1]

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=20)
