"""Who is let in, and that the token gets nowhere but into its file."""

import logging
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from infra.simulator.platforms.dial import Dial
from infra.simulator.platforms.errors import PlatformsError
from infra.simulator.platforms.server import serving, token_file
from tests.support.platforms import Client, bare_client, mode

Serve = Callable[..., Client]
CANARY = "canary-canary-canary-canary"


def with_header(client: Client, header: str | None, path: str = "/social_a/activities") -> httpx.Response:
    """Asked with another header than the client's own."""
    headers = [] if header is None else [(b"Authorization", header.encode())]
    with bare_client(base_url=client.address) as bare:
        return bare.get(path, headers=headers)


@pytest.mark.parametrize("path", ["/social_a/activities", "/social_b/activities", "/control", "/elsewhere"])
def test_without_a_token_nothing_is_told(served: Client, path: str) -> None:
    refused = with_header(served, None, path)

    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "wrong", ["Bearer {}x", "Bearer x{}", "Bearer {}{}", "Bearer", "Bearer x", "Bearer é", "Bearer {} {}"]
)
def test_a_wrong_token_of_any_length_is_refused(served: Client, wrong: str) -> None:
    assert with_header(served, wrong.replace("{}", served.token)).status_code == 401


def test_every_beginning_of_the_token_is_refused(served: Client) -> None:
    beginnings = [served.token[:length] for length in range(1, len(served.token))]

    with bare_client(base_url=served.address) as bare:
        answers = [bare.get("/control", headers={"Authorization": f"Bearer {one}"}) for one in beginnings]

    assert {answer.status_code for answer in answers} == {401}


@pytest.mark.parametrize("scheme", ["Basic ", "Token ", ""])
def test_another_scheme_is_refused(served: Client, scheme: str) -> None:
    assert with_header(served, f"{scheme}{served.token}").status_code == 401


def test_the_scheme_may_be_written_small(served: Client) -> None:
    assert with_header(served, f"bearer {served.token}").status_code == 200


def test_only_the_owner_reads_the_tokens_file(serve: Serve, folder: Path) -> None:
    token_file(folder).write_text("left by another run\n")
    token_file(folder).chmod(0o644)

    client = serve()

    assert mode(token_file(folder)) == 0o600
    assert client.control().status_code == 200


def test_every_server_has_a_token_of_its_own(folder: Path) -> None:
    tokens = set()
    for _ in range(3):
        with serving(folder) as server:
            tokens.add(Client(server, folder).token)

    assert len(tokens) == 3
    assert min(map(len, tokens)) >= 43


def test_a_token_that_is_given_is_written_nowhere(folder: Path) -> None:
    header = {"Authorization": f"Bearer {CANARY}"}
    with serving(folder, token=CANARY) as server, bare_client(headers=header) as http:
        assert http.get(f"{server.address}/control").status_code == 200

    assert not token_file(folder).exists()
    assert not [file for file in folder.rglob("*") if file.is_file() and CANARY.encode() in file.read_bytes()]


@pytest.mark.parametrize("token", ["short", "with a space in between", "é" * 20, "line\n" * 5])
def test_a_token_that_no_header_carries_is_refused_unseen(folder: Path, token: str) -> None:
    with pytest.raises(PlatformsError, match="visible ASCII") as refused, serving(folder, token=token):
        pass

    assert token not in str(refused.value)


@pytest.mark.parametrize("path", ["/social_a/activities", "/social_b/activities", "/control"])
@pytest.mark.parametrize("name", ["token", "access_token", "anything"])
def test_a_token_in_the_query_is_refused_even_beside_the_header(served: Client, path: str, name: str) -> None:
    refused = served.http.get(path, params={name: served.token})

    assert refused.status_code == 400
    assert "header" in refused.text
    assert served.token not in refused.text


def test_no_token_gets_into_the_log_wherever_it_was_sent(
    folder: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG, "infra.simulator.platforms")
    with serving(folder, token=CANARY, dial=Dial(server_errors=0.3)) as server, bare_client() as http:
        header = {"Authorization": f"Bearer {CANARY}"}
        http.get(f"{server.address}/social_a/activities", headers=header)
        for parameter in ("token", "cursor", "limit", "kinds", CANARY):
            http.get(f"{server.address}/social_a/activities", params={parameter: CANARY}, headers=header)
        http.get(f"{server.address}/{CANARY}/activities", headers=header)
        http.get(f"{server.address}/control", headers={"Authorization": CANARY, "X-Token": CANARY, "Referer": CANARY})
        http.post(f"{server.address}/control", json={"through": CANARY}, headers=header)
        http.post(f"{server.address}/control", json={CANARY: CANARY, "dial": {CANARY: CANARY}}, headers=header)
        http.post(f"{server.address}/control", json={"dial": {CANARY: CANARY, "seed": CANARY}}, headers=header)
        http.post(f"{server.address}/control", content=CANARY, headers=header)
        http.request(CANARY.upper(), f"{server.address}/control", headers=header)

    lines = [record.getMessage() for record in caplog.records if record.name == "infra.simulator.platforms.server"]
    assert len(lines) == 13
    written = "\n".join([*lines, *capfd.readouterr()])
    assert CANARY not in written
    assert CANARY.upper() not in written


def test_a_line_of_the_log_is_method_place_status_size_and_time(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "infra.simulator.platforms")

    serve().http.get("/social_a/activities?limit=3")

    (line,) = [record.getMessage() for record in caplog.records if record.name == "infra.simulator.platforms.server"]
    assert line.startswith("GET /social_a/activities 200 ")
    assert "limit" not in line
