"""Every fault on the dial, met by a client on a real connection."""

from collections.abc import Callable

import httpx
import pytest

from infra.simulator.platforms.dial import Dial
from tests.support.platforms import DAYS, Client, items

Serve = Callable[..., Client]
A_THIRD = {"server_errors": 0.3, "resets": 0.3}


def outcome(client: Client, source: str = "social_a") -> str:
    """What one request meets, in a word."""
    try:
        return str(client.ask(source, limit=3).status_code)
    except httpx.RemoteProtocolError as error:
        return str(error)
    except httpx.ReadError as error:
        # The operating system's own word for it stands at the beginning of the chain.
        cause: BaseException = error
        while cause.__cause__ or cause.__context__:
            cause = cause.__cause__ or cause.__context__ or cause
        return type(cause).__name__


def outcomes(client: Client, count: int = 30, source: str = "social_a") -> list[str]:
    return [outcome(client, source) for _ in range(count)]


def test_a_dial_that_is_not_touched_does_no_harm(serve: Serve) -> None:
    assert set(outcomes(serve())) == {"200"}


def test_server_errors_are_500_502_and_503(serve: Serve) -> None:
    client = serve(dial=Dial(server_errors=1))

    assert set(outcomes(client)) == {"500", "502", "503"}


def test_a_bad_gateway_speaks_no_json(serve: Serve) -> None:
    client = serve(dial=Dial(server_errors=1))

    answers = [client.ask("social_b") for _ in range(20)]

    spoken = {answer.status_code: answer.headers["Content-Type"] for answer in answers}
    assert spoken == {500: "application/json", 502: "text/html", 503: "application/json"}


def test_connections_are_reset_and_not_closed(serve: Serve) -> None:
    client = serve(dial=Dial(resets=1))

    assert set(outcomes(client)) == {"ConnectionResetError"}


def test_half_of_the_resets_come_in_the_middle_of_an_answer(serve: Serve) -> None:
    client = serve(dial=Dial(resets=1))

    begun = 0
    for _ in range(20):
        try:
            with client.http.stream("GET", "/social_a/activities") as response:
                begun += 1
                response.read()
        except httpx.ReadError:
            continue

    counts = client.counts("social_a")
    assert begun == counts["reset midway"]
    assert 5 <= begun <= 15
    assert counts["reset before"] == 20 - begun


def test_a_slow_answer_outlasts_an_impatient_client(serve: Serve) -> None:
    client = serve(dial=Dial(slow=1, slow_seconds=3600))

    with pytest.raises(httpx.ReadTimeout):
        client.http.get("/social_a/activities", timeout=0.2)

    assert client.counts("social_a")["slow"] == 1


def test_shares_are_those_of_the_dial(serve: Serve) -> None:
    met = outcomes(serve(dial=Dial(**A_THIRD)), 300)

    assert 90 - 30 < sum(one.startswith("50") for one in met) < 90 + 30
    assert 90 - 30 < met.count("ConnectionResetError") < 90 + 30


def test_the_same_seed_lets_the_same_requests_fail(serve: Serve) -> None:
    first = outcomes(serve(dial=Dial(**A_THIRD, seed=3)))

    assert outcomes(serve(dial=Dial(**A_THIRD, seed=3))) == first
    assert outcomes(serve(dial=Dial(**A_THIRD, seed=4))) != first


def test_what_one_platform_is_asked_moves_no_fault_of_the_other(serve: Serve) -> None:
    alone = outcomes(serve(dial=Dial(**A_THIRD)), source="social_b")

    client = serve(dial=Dial(**A_THIRD))
    outcomes(client, 7, "social_a")

    assert outcomes(client, source="social_b") == alone


def test_platforms_do_not_fail_in_step(serve: Serve) -> None:
    client = serve(dial=Dial(**A_THIRD))

    assert outcomes(client, source="social_a") != outcomes(client, source="social_b")


def test_more_errors_leave_the_resets_where_they_are(serve: Serve) -> None:
    few = outcomes(serve(dial=Dial(resets=0.3)))
    more = outcomes(serve(dial=Dial(resets=0.3, server_errors=0.7)))

    assert [one == "ConnectionResetError" for one in few] == [one == "ConnectionResetError" for one in more]


def test_the_dial_is_set_while_it_runs(serve: Serve) -> None:
    client = serve()

    told = client.control(dial={"server_errors": 1}).json()
    failing = outcomes(client, 5)
    client.control(dial={"server_errors": 0})

    assert told["dial"]["server_errors"] == 1
    assert "200" not in failing
    assert outcomes(client, 5) == ["200"] * 5


def test_what_is_not_named_stays_as_it_was(serve: Serve) -> None:
    client = serve(dial=Dial(resets=0.2, slow_seconds=3))

    dial = client.control(dial={"server_errors": 0.5}).json()["dial"]

    assert (dial["resets"], dial["slow_seconds"], dial["server_errors"]) == (0.2, 3, 0.5)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"resets": 1.5}, "resets"),
        ({"slow": -0.1}, "slow"),
        ({"resets": 0.6, "server_errors": 0.6}, "at most 1"),
        ({"requests_a_minute": 0}, "requests_a_minute"),
        ({"seed": "seven"}, "seed"),
        ({"gravity": 9.81}, "requests_a_minute, burst"),
        ([], "not an object"),
    ],
)
def test_what_the_dial_does_not_have_is_refused(serve: Serve, changes: object, told: str) -> None:
    client = serve()
    before = client.control().json()["dial"]

    refused = client.control(dial=changes)

    assert refused.status_code == 400
    assert told in refused.text
    assert client.control().json()["dial"] == before


def test_a_refused_dial_releases_no_day(serve: Serve) -> None:
    client = serve(through=DAYS[0])

    client.control(through=DAYS[2].isoformat(), dial={"resets": 2})

    assert client.control().json()["through"] == DAYS[0].isoformat()


def test_control_meets_no_fault(serve: Serve) -> None:
    client = serve(dial=Dial(resets=1, requests_a_minute=1, burst=1))

    assert [client.control().status_code for _ in range(5)] == [200] * 5


def test_control_tells_what_was_answered(serve: Serve) -> None:
    client = serve()
    list(client.pages("social_a", limit=10))
    client.ask("social_a", limit=0)

    assert client.counts("social_a") == {"pages": 3, "items": 21, "400": 1}
    assert client.counts("social_b") == {}


def test_a_client_that_asks_again_gets_every_item_in_spite_of_faults(serve: Serve) -> None:
    client = serve(dial=Dial(**A_THIRD))
    got: list[bytes] = []
    cursor: dict[str, str] = {}

    more = True
    while more:
        try:
            page = client.page("social_a", limit=4, **cursor)
        except (httpx.TransportError, AssertionError):
            continue
        got.append(page.items)
        cursor, more = {"cursor": page.cursor}, page.has_more

    assert b",".join(got) == b",".join(item for day in DAYS for item in items("social_a", day))
    counts = client.counts("social_a")
    assert counts["reset before"] + counts["reset midway"] > 0
