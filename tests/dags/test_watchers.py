"""Who listens for what comes of a source, and when it rings."""

import asyncio
from collections.abc import Iterable

import pytest

from dags.pipeline import asset
from dags.watcher import LandingWatcher, PlatformWatcher


def watchers(name: str) -> list[str]:
    return [watcher.name for watcher in asset(name).watchers]


def test_a_platform_whose_address_is_set_is_asked_beside_the_inbox(monkeypatch: pytest.MonkeyPatch) -> None:
    before = watchers("landing.social_a")
    monkeypatch.setenv("GUANXI_API__SOCIAL_A__URL", "http://127.0.0.1:9/social_a")

    assert before == ["watch_social_a"]
    assert watchers("landing.social_a") == ["watch_social_a", "poll_social_a"]
    assert watchers("landing.social_b") == ["watch_social_b"]
    assert watchers("raw.social_a") == []


def test_no_interval_means_that_the_sweep_alone_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUANXI_API__SOCIAL_A__URL", "http://127.0.0.1:9/social_a")
    monkeypatch.setenv("GUANXI_API_POLL_SECONDS", "0")

    assert watchers("landing.social_a") == ["watch_social_a"]


@pytest.mark.parametrize("kind", [LandingWatcher, PlatformWatcher])
def test_a_watcher_can_be_made_anew(kind: type[LandingWatcher]) -> None:
    place, arguments = kind("social_a", 2.5).serialize()

    assert place == f"{kind.__module__}.{kind.__name__}"
    assert kind(**arguments).serialize() == (place, arguments)


async def rung(watcher: LandingWatcher, rings: int) -> list[int]:
    """How many things each of the first rings was for."""
    heard = []
    async for event in watcher.run():
        heard.append(event.payload["arrived"])
        if len(heard) == rings:
            break
    return heard


def test_a_page_rings_once_however_often_the_platform_does_not_answer_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks: Iterable[frozenset[str] | None] = iter(
        [frozenset(), frozenset({"1"}), None, frozenset({"1"}), None, frozenset({"2"}), frozenset({"1", "2", "3"})]
    )
    monkeypatch.setattr(PlatformWatcher, "look", lambda _: next(looks))  # type: ignore[call-overload]

    assert asyncio.run(rung(PlatformWatcher("social_a", 0), 3)) == [1, 1, 2]
