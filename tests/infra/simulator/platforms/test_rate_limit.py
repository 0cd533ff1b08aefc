"""The limit on requests: who waits as told is served, who does not waits longer. The clock is the test's own."""

from collections.abc import Callable

import httpx
import pytest

from infra.simulator.platforms.dial import Dial
from tests.support.platforms import Client

Serve = Callable[..., Client]


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now_seconds = 1000.0

    def __call__(self) -> float:
        return self.now_seconds

    def wait(self, seconds: float) -> None:
        self.now_seconds += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def ask(client: Client, count: int = 1, source: str = "social_a") -> httpx.Response:
    """The last of some answers."""
    return [client.ask(source, limit=1) for _ in range(count)][-1]


def wait_of(response: httpx.Response) -> int:
    assert response.status_code == 429
    return int(response.headers["Retry-After"])


def test_a_minutes_requests_are_allowed_at_once_and_no_more(serve: Serve, clock: Clock) -> None:
    client = serve(dial=Dial(requests_a_minute=5), clock=clock)

    assert [ask(client).status_code for _ in range(6)] == [200] * 5 + [429]


def test_the_wait_is_the_time_until_one_is_allowed_again(serve: Serve, clock: Clock) -> None:
    client = serve(dial=Dial(requests_a_minute=6, burst=1), clock=clock)

    assert wait_of(ask(client, 2)) == 10


def test_a_client_that_waits_is_served(serve: Serve, clock: Clock) -> None:
    client = serve(dial=Dial(requests_a_minute=7, burst=2), clock=clock)

    for _ in range(20):
        clock.wait(wait_of(ask(client, 3)))
        assert ask(client).status_code == 200
        clock.wait(60)


def test_a_client_that_does_not_wait_is_refused_twice_as_long_each_time(serve: Serve, clock: Clock) -> None:
    client = serve(dial=Dial(requests_a_minute=60, burst=1), clock=clock)
    ask(client)

    waits = []
    for _ in range(5):
        waits.append(wait_of(ask(client)))
        clock.wait(waits[-1] - 0.5)

    assert waits == [1, 2, 4, 8, 16]


def test_the_wait_grows_up_to_the_cap(serve: Serve, clock: Clock) -> None:
    client = serve(dial=Dial(requests_a_minute=60, burst=1, longest_wait_seconds=5), clock=clock)
    ask(client)

    assert [wait_of(ask(client)) for _ in range(5)] == [1, 2, 4, 5, 5]


def test_the_cap_shortens_no_wait_that_the_limit_itself_needs(serve: Serve, clock: Clock) -> None:
    client = serve(dial=Dial(requests_a_minute=1, burst=1, longest_wait_seconds=5), clock=clock)
    ask(client)

    assert [wait_of(ask(client)) for _ in range(2)] == [60, 60]
    clock.wait(60)
    assert ask(client).status_code == 200


def test_nothing_is_held_against_a_client_that_waited_at_last(serve: Serve, clock: Clock) -> None:
    client = serve(dial=Dial(requests_a_minute=60, burst=1), clock=clock)
    clock.wait(wait_of(ask(client, 5)))
    ask(client)

    assert wait_of(ask(client)) == 1


def test_each_platform_has_a_limit_of_its_own(serve: Serve, clock: Clock) -> None:
    client = serve(dial=Dial(requests_a_minute=1), clock=clock)
    wait_of(ask(client, 2))

    assert ask(client, source="social_b").status_code == 200


def test_what_was_not_used_is_saved_up_to_the_burst(serve: Serve, clock: Clock) -> None:
    client = serve(dial=Dial(requests_a_minute=60, burst=3), clock=clock)
    wait_of(ask(client, 4))

    clock.wait(3600)

    assert [ask(client).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_requests_over_the_limit_move_no_fault(serve: Serve, clock: Clock) -> None:
    free = serve(dial=Dial(server_errors=0.5))
    without = [ask(free).status_code for _ in range(12)]
    client = serve(dial=Dial(server_errors=0.5, requests_a_minute=60, burst=1), clock=clock)

    met = []
    while len(met) < 12:
        answer = ask(client)
        if answer.status_code == 429:
            clock.wait(wait_of(answer))
        else:
            met.append(answer.status_code)

    assert met == without
    assert client.counts("social_a")["429"] == 11


def test_a_limit_set_while_it_runs_begins_with_a_full_allowance(serve: Serve, clock: Clock) -> None:
    client = serve(dial=Dial(requests_a_minute=60, burst=1), clock=clock)
    wait_of(ask(client, 4))

    client.control(dial={"burst": 2})

    assert [ask(client).status_code for _ in range(3)] == [200, 200, 429]
