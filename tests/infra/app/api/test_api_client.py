"""What an interface answers beside pages: what passes is waited for, what does not is said, without secrets."""

import json
import logging
from pathlib import Path

import pytest

from infra.app.api_client import RefusedError, UnreachableError
from infra.app.fetch import fetch
from infra.lake.settings import ApiAccess, Settings
from infra.simulator.platforms.dial import Dial
from infra.simulator.platforms.server import serving
from tests.support.asked_platform import SOURCE, AskedPlatform, expected, small_pages

CANARY = "canary-in-a-coal-mine-0451"


@pytest.mark.parametrize(
    "dial",
    [
        Dial(server_errors=0.5, seed=3),
        Dial(resets=0.6, seed=7),
        Dial(requests_a_minute=120, burst=2),
        Dial(slow=0.3, slow_seconds=0.6, seed=3),
    ],
    ids=["server errors", "resets", "throttled", "slow"],
)
@pytest.mark.fault(32, how="errors, resets, throttling, silence")
def test_what_passes_is_waited_for(folder: Path, dial: Dial) -> None:
    with serving(folder, dial=dial) as server:
        platform = AskedPlatform(folder, server)
        platform.settings = platform.settings.model_copy(update={"api_tries": 12, "api_timeout_seconds": 0.4})
        fetched = platform.fetch()

    assert platform.ids() == expected(12)
    assert fetched.throttled + fetched.tried_again > 0
    assert (fetched.throttled > 0) is (dial.burst is not None)


def test_a_platform_that_stays_away_is_an_error_after_so_many_tries_and_the_pages_before_it_are_landed(
    folder: Path,
) -> None:
    with serving(folder) as server:
        platform = AskedPlatform(folder, server)
        platform.settings = platform.settings.model_copy(update={"api_pages_a_pull": 2, "api_tries": 2})
        platform.fetch()
    words = r"social_b: http://.*/activities gave no page, .*50[023] error"
    broken = serving(folder, dial=Dial(server_errors=1), port=server.server_address[1])
    with broken, pytest.raises(UnreachableError, match=words):
        platform.fetch()

    assert platform.ids() == expected(6)
    with pytest.raises(UnreachableError, match="NewConnectionError"):
        platform.fetch()


@pytest.mark.fault(32, how="a wrong token", part=True)
def test_a_wrong_token_is_said_at_once_with_the_remedy(platform: AskedPlatform, tmp_path: Path) -> None:
    (tmp_path / "wrong").write_text(CANARY)
    access = platform.settings.api[SOURCE].model_copy(update={"token_file": tmp_path / "wrong"})
    platform.settings = platform.settings.model_copy(update={"api": {SOURCE: access}})

    with pytest.raises(RefusedError, match=r"answers 401.*GUANXI_API__SOCIAL_B__TOKEN_FILE") as refused:
        platform.fetch()

    assert CANARY not in str(refused.value)


def test_a_token_file_that_is_not_there_is_said(platform: AskedPlatform) -> None:
    platform.settings.api[SOURCE].token_file.unlink()  # type: ignore[union-attr]

    with pytest.raises(RefusedError, match=r"its token cannot be read from .*No such file"):
        platform.fetch()


@pytest.mark.parametrize("content", [f"{CANARY}\nmore".encode(), b"", f"\xff{CANARY}".encode("latin-1")])
def test_a_file_that_holds_no_token_is_said_without_what_it_holds(platform: AskedPlatform, content: bytes) -> None:
    platform.settings.api[SOURCE].token_file.write_bytes(content)  # type: ignore[union-attr]

    with pytest.raises(RefusedError, match=r"its token cannot be read from .*: a token is one line") as refused:
        platform.fetch()

    assert CANARY not in str(refused.value)
    assert refused.value.__cause__ is refused.value.__context__ is None


@pytest.mark.fault(45, how="a token as canary, errors and resets")
def test_the_token_stands_in_no_log_and_in_no_file_of_the_home(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    (tmp_path / "token").write_text(CANARY)
    with serving(folder, token=CANARY, dial=Dial(server_errors=0.4, resets=0.2, seed=3)) as server:
        access = ApiAccess(url=f"{server.address}/{SOURCE}", token_file=tmp_path / "token")
        settings = Settings(home=tmp_path / "home", api={SOURCE: access}, api_tries=12)
        fetch(settings, small_pages())

    written = [file for file in settings.root.rglob("*") if file.is_file()]
    assert [file for file in written if CANARY.encode() in file.read_bytes() or CANARY in file.name] == []
    assert len(written) >= 8
    assert caplog.records
    assert CANARY not in caplog.text + "".join(capfd.readouterr())
    assert CANARY not in json.dumps(settings.as_environment())


@pytest.mark.parametrize(
    ("answer", "words"),
    [(b"<html>", "no page as"), (b'{"result":{"items":[]}}', "no text at result.nextCursor")],
)
def test_an_answer_that_is_no_page_is_an_error_and_not_landed(
    platform: AskedPlatform, answer: bytes, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.simulator.platforms.envelopes.CodeAndResult.page", lambda *_, **__: answer)

    with pytest.raises(UnreachableError, match=words):
        platform.fetch()

    assert platform.pages() == []


def test_the_settings_of_an_interface_reach_another_process(
    platform: AskedPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in platform.settings.as_environment().items():
        monkeypatch.setenv(name, text)

    assert Settings().api == platform.settings.api


@pytest.mark.parametrize(
    "url", ["ftp://x", "http://me:secret@x", "http://:secret@x", "http://x?token=1", "http://x#secret", "x"]
)
def test_an_address_with_a_secret_in_it_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="token_file") as refused:
        ApiAccess(url=url)

    assert "secret" not in str(refused.value)


def test_a_secret_in_the_wrong_setting_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUANXI_API__SOCIAL_A__TOKEN", CANARY)
    monkeypatch.setenv("GUANXI_API__SOCIAL_A__URL", f"http://u:{CANARY}@h")

    with pytest.raises(ValueError, match="token_file") as refused:
        Settings()

    assert CANARY not in str(refused.value)
