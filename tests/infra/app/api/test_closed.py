"""A platform that fails time after time is left alone for longer and longer, and asked once when that is over."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.app.api_client import RefusedError, UnreachableError
from infra.app.closed import LeftAloneError, minded, resting
from infra.app.errors import FinalError
from infra.app.fetch import has_more
from infra.lake.settings import ApiAccess
from infra.simulator.platforms.dial import Dial
from infra.simulator.platforms.server import serving
from tests.support.asked_platform import SOURCE, AskedPlatform, expected
from tests.support.platforms import Client

FAILURES, FIRST_SECONDS, LONGEST_SECONDS = 3, 60, 200
DOWN = {"server_errors": 1.0}


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which only the tests move on."""
    moment = [1_800_000_000.0]
    monkeypatch.setattr("infra.app.closed.time", lambda: moment[0])
    return moment


@pytest.fixture
def impatient(platform: AskedPlatform, now: list[float]) -> AskedPlatform:
    """A platform that is left alone after a few failures, asked without second tries."""
    rest = {"api_rest_seconds": FIRST_SECONDS, "api_longest_rest_seconds": LONGEST_SECONDS}
    platform.settings = platform.settings.model_copy(update={"api_tries": 1, "api_failures": FAILURES, **rest})
    return platform


def turn(platform: AskedPlatform, folder: Path, **dial: float) -> None:
    Client(platform.server, folder).control(dial={"server_errors": 0.0, "resets": 0.0} | dial)


def pull(platform: AskedPlatform) -> object:
    return platform.fetch()


def ring(platform: AskedPlatform) -> object:
    return has_more(platform.settings, platform.contract)


def fail(platform: AskedPlatform, times: int, ask: Callable[[AskedPlatform], object] = pull) -> None:
    for _ in range(times):
        with pytest.raises(UnreachableError, match="gave no page"):
            ask(platform)


def asked(platform: AskedPlatform, folder: Path) -> int:
    return sum(count for name, count in Client(platform.server, folder).counts(SOURCE).items() if name != "items")


@pytest.mark.fault(32, how="a platform that answers 50x or resets, pull after pull", part=True)
@pytest.mark.parametrize("dial", [DOWN, {"resets": 1.0}], ids=["server errors", "resets"])
def test_after_so_many_failures_of_pull_and_bell_neither_asks(
    impatient: AskedPlatform, folder: Path, dial: dict[str, float]
) -> None:
    turn(impatient, folder, **dial)
    fail(impatient, FAILURES - 1, ring)
    assert resting(impatient.settings, SOURCE) is None
    fail(impatient, 1)
    before = asked(impatient, folder)

    for ask in (pull, ring):
        with pytest.raises(
            LeftAloneError, match=r"failed 3 times in a row and is left alone for 60 s more.*gave no page"
        ):
            ask(impatient)

    assert asked(impatient, folder) == before


def test_silence_is_a_failure(impatient: AskedPlatform) -> None:
    away = impatient.settings.model_copy(update={"api": {SOURCE: ApiAccess(url="http://127.0.0.1:9")}})
    impatient.settings = away
    fail(impatient, FAILURES)

    assert resting(away, SOURCE) is not None


def test_the_rest_grows_with_each_failed_trial_up_to_its_bound(
    impatient: AskedPlatform, folder: Path, now: list[float]
) -> None:
    turn(impatient, folder, **DOWN)
    fail(impatient, FAILURES)
    before = asked(impatient, folder)

    rests = []
    for _ in range(4):
        rest = resting(impatient.settings, SOURCE)
        assert rest is not None
        rests.append(rest.left_seconds)
        now[0] += rest.left_seconds
        fail(impatient, 1)

    assert rests == [60, 120, 200, 200]
    assert asked(impatient, folder) == before + 4


def test_a_trial_that_is_answered_fetches_everything_and_the_count_begins_anew(
    impatient: AskedPlatform, folder: Path, now: list[float]
) -> None:
    turn(impatient, folder, **DOWN)
    fail(impatient, FAILURES)
    turn(impatient, folder)
    now[0] += FIRST_SECONDS

    impatient.fetch()
    turn(impatient, folder, **DOWN)
    fail(impatient, FAILURES - 1)

    assert impatient.ids() == expected(12)
    assert resting(impatient.settings, SOURCE) is None


def test_a_bell_that_is_answered_opens_it_for_pulls(impatient: AskedPlatform, folder: Path, now: list[float]) -> None:
    turn(impatient, folder, **DOWN)
    fail(impatient, FAILURES)
    turn(impatient, folder)
    now[0] += FIRST_SECONDS

    assert ring(impatient) == "00000001-beginning.page.json"
    impatient.fetch()

    assert impatient.ids() == expected(12)


def test_while_one_is_on_trial_nobody_else_asks(impatient: AskedPlatform, folder: Path, now: list[float]) -> None:
    turn(impatient, folder, **DOWN)
    fail(impatient, FAILURES)
    now[0] += FIRST_SECONDS

    with minded(impatient.settings, SOURCE) as visit:
        assert visit.on_trial
        with pytest.raises(LeftAloneError):
            ring(impatient)


def test_failures_with_pages_between_them_do_not_add_up(impatient: AskedPlatform, folder: Path) -> None:
    impatient.settings = impatient.settings.model_copy(update={"api_pages_a_pull": 1})
    for _ in range(2):
        turn(impatient, folder, **DOWN)
        fail(impatient, FAILURES - 1)
        turn(impatient, folder)
        impatient.fetch()

    assert resting(impatient.settings, SOURCE) is None


def test_who_only_throttles_has_not_failed(folder: Path, now: list[float]) -> None:
    with serving(folder, dial=Dial(requests_a_minute=60, burst=1)) as server:
        platform = AskedPlatform(folder, server)
        platform.settings = platform.settings.model_copy(update={"api_tries": 1, "api_failures": 1})
        has_more(platform.settings, platform.contract)
        for _ in range(3):
            with pytest.raises(UnreachableError, match="429"):
                has_more(platform.settings, platform.contract)
            now[0] += 3600

        with pytest.raises(UnreachableError, match="429"):
            has_more(platform.settings, platform.contract)


def test_a_refusal_is_an_answer(impatient: AskedPlatform, folder: Path, tmp_path: Path) -> None:
    right = impatient.settings
    (tmp_path / "wrong").write_text("not-the-right-token")
    access = right.api[SOURCE].model_copy(update={"token_file": tmp_path / "wrong"})
    turn(impatient, folder, **DOWN)
    fail(impatient, FAILURES - 1)

    impatient.settings = right.model_copy(update={"api": {SOURCE: access}})
    with pytest.raises(RefusedError, match="401"):
        impatient.fetch()
    impatient.settings = right
    fail(impatient, 1)

    assert resting(right, SOURCE) is None


def test_people_are_told_once_when_it_begins_and_once_when_it_ends(
    impatient: AskedPlatform, folder: Path, now: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "guanxi.notices")
    turn(impatient, folder, **DOWN)
    fail(impatient, FAILURES)
    now[0] += FIRST_SECONDS
    fail(impatient, 1)
    turn(impatient, folder)
    now[0] += LONGEST_SECONDS
    impatient.fetch()

    told = [record.getMessage().split(":")[0] for record in caplog.records if record.name == "guanxi.notices"]
    assert told == ["social_b is left alone", "social_b answers again"]


def test_a_task_is_not_tried_again_while_it_lasts() -> None:
    assert issubclass(LeftAloneError, FinalError)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "1800000099.5",
        '{"until": "soon", "failures": 9}',
        '{"until": Infinity, "failures": 9, "why": "", "told": false}',
    ],
)
def test_a_file_that_says_nothing_closes_nothing(impatient: AskedPlatform, content: str) -> None:
    file = impatient.settings.work_dir / "closed" / SOURCE
    file.parent.mkdir(parents=True)
    file.write_text(content)

    impatient.fetch()

    assert impatient.ids() == expected(12)
