"""What cannot be served, and what cannot be asked: each is told with its remedy."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.simulator.platforms.errors import PlatformsError
from infra.simulator.platforms.server import serving, token_file
from tests.support.platforms import DAYS, Client, write_day

Serve = Callable[..., Client]


def refusal(folder: Path, **options: int) -> str:
    with pytest.raises(PlatformsError) as refused, serving(folder, **options):
        pass
    return str(refused.value)


def test_a_folder_without_interfaces(tmp_path: Path) -> None:
    told = refusal(tmp_path)

    assert str(tmp_path / "api") in told
    assert "guanxi simulate" in told


def test_interfaces_without_a_source(tmp_path: Path) -> None:
    (tmp_path / "api").mkdir()

    assert "social_a, social_b" in refusal(tmp_path)


def test_a_source_that_is_no_platform(folder: Path) -> None:
    (folder / "api" / "social_z").mkdir()

    assert "social_z: no platform of this name. Known are social_a, social_b." in refusal(folder)


def test_a_file_whose_name_is_no_day(folder: Path) -> None:
    (folder / "api" / "social_a" / "20260302.jsonl").touch()

    told = refusal(folder)

    assert "20260302.jsonl: not a day" in told
    assert "YYYY-MM-DD.jsonl" in told


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"from": "soon"}', '{"from": 3}'])
def test_a_notice_that_is_none(folder: Path, content: str) -> None:
    (folder / "api" / "social_b" / "notice.json").write_text(content)

    assert "notice.json: not a notice. Write" in refusal(folder)


def test_a_port_in_use_keeps_the_token_of_the_one_who_uses_it(serve: Serve, folder: Path) -> None:
    client = serve()
    port = client.http.base_url.port or 0

    told = refusal(folder, port=port)

    assert f"port {port}" in told
    assert "name another" in told
    assert token_file(folder).read_text().strip() == client.token


def test_it_listens_on_this_machine_only(serve: Serve) -> None:
    assert serve().http.base_url.host == "127.0.0.1"


def test_an_empty_line_in_a_stream_is_told_with_its_place(serve: Serve, folder: Path) -> None:
    write_day(folder, "social_a", DAYS[1], [b'{"kind":"post"}', b"", b'{"kind":"post"}'])

    answer = serve().ask("social_a", limit=1000)

    assert answer.status_code == 500
    assert f"{DAYS[1]}.jsonl: line 2 is empty" in answer.json()["error"]["message"]


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "many", "", "1.5", "²", "9" * 5000])
def test_a_limit_out_of_range(served: Client, limit: str) -> None:
    refused = served.ask("social_a", limit=limit)

    assert refused.status_code == 400
    assert "from 1 to 1000" in refused.json()["error"]["message"]


@pytest.mark.parametrize("kinds", ["", ",", "a,,b", "a,"])
def test_kinds_with_an_empty_one(served: Client, kinds: str) -> None:
    refused = served.ask("social_b", kinds=kinds)

    assert refused.status_code == 400
    assert "a,b" in refused.json()["message"]


@pytest.mark.parametrize("cursor", ["", "x", "é", "AAAA", "=" * 9, "a b", "9" * 3000])
def test_a_cursor_that_was_never_given_out(served: Client, cursor: str) -> None:
    refused = served.ask("social_a", cursor=cursor)

    assert refused.status_code == 400
    assert "leave it out to begin anew" in refused.json()["error"]["message"]


def test_a_cursor_with_any_character_changed(served: Client) -> None:
    cursor = served.page("social_a", limit=3).cursor

    for place in range(len(cursor)):
        other = "A" if cursor[place] != "A" else "B"
        assert served.ask("social_a", cursor=cursor[:place] + other + cursor[place + 1 :]).status_code == 400
        assert served.ask("social_a", cursor=cursor[:place]).status_code == 400


def test_a_cursor_of_the_other_platform(served: Client) -> None:

    assert served.ask("social_a", cursor=served.page("social_b").cursor).status_code == 400


def test_a_cursor_behind_the_end_of_a_stream_that_became_shorter(serve: Serve, folder: Path) -> None:
    client = serve()
    end = list(client.pages("social_a"))[-1].cursor

    write_day(folder, "social_a", DAYS[-1], [b'{"kind":"post"}'])

    assert client.ask("social_a", cursor=end).status_code == 400


@pytest.mark.parametrize("query", ["limit=1&limit=2", "page=2", "Limit=1"])
def test_parameters_that_there_are_none_of(served: Client, query: str) -> None:
    refused = served.http.get(f"/social_a/activities?{query}")

    assert refused.status_code == 400
    assert "cursor, limit, kinds" in refused.text


@pytest.mark.parametrize(
    "path",
    ["/", "/social_z/activities", "/social_a", "/social_a/activities/", "/social_z/activities?limit=3", "/control/"],
)
def test_an_unknown_place_names_those_there_are(served: Client, path: str) -> None:
    refused = served.http.get(path)

    assert refused.status_code == 404
    assert "/control and /social_a/activities, /social_b/activities" in refused.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("path", ["/control", "/social_a/activities"])
def test_another_method_is_refused(served: Client, method: str, path: str) -> None:
    refused = served.http.request(method, path)

    assert refused.status_code == 405
    assert "GET" in refused.headers["Allow"]


@pytest.mark.parametrize("body", ["", "{", "[]", "17", "{}", '{"days": 3}', "[" * 5000])
def test_control_that_is_not_understood(served: Client, body: str) -> None:
    assert served.http.post("/control", content=body).status_code == 400


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"POST /control HTTP/1.1\r\nContent-Length: 65537\r\n\r\n", b"413"),
        (b"POST /control HTTP/1.1\r\nContent-Length: many\r\n\r\n", b"411"),
        (b"POST /control HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"411"),
        (b"POST /control HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"411"),
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET /control HTTP/x\r\n\r\n", b"400"),
    ],
)
def test_what_is_hardly_http_is_refused_and_the_connection_closed(
    served: Client, request_bytes: bytes, status: bytes
) -> None:
    url = served.http.base_url
    with socket.create_connection((url.host, url.port), timeout=20) as connection:
        connection.sendall(request_bytes)
        answer = b"".join(iter(lambda: connection.recv(4096), b""))

    assert answer.startswith(b"HTTP/1.1 " + status)


def test_a_client_that_goes_away_in_the_middle_disturbs_nobody(served: Client) -> None:
    url = served.http.base_url
    for sent in (b"", b"GET", b"POST /control HTTP/1.1\r\nContent-Length: 9\r\n\r\n{"):
        with socket.create_connection((url.host, url.port), timeout=20) as connection:
            connection.sendall(sent)

    assert served.control().status_code == 200
