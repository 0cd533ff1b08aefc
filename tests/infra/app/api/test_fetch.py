"""A platform's pages are landed as they were answered, each once, whatever happens on the way."""

import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from infra.app.app import PROJECT_ROOT, App
from infra.app.doorbell import arrivals, offers
from infra.app.fetch import Fetched, fetch, has_more
from infra.app.maintenance import maintain
from infra.app.pull import pull
from infra.lake.locks import table_locks
from infra.lake.settings import ApiAccess, Settings
from infra.simulator.platforms.server import serving
from tests.support.asked_platform import FIRST, SECOND, SOURCE, AskedPlatform, activities, expected, small_pages
from tests.support.platforms import Client, write_day

KILLED_CODE = """
import os, signal, sys
from pathlib import Path
from infra.app.app import App
from infra.app.pull import pull
from infra.lake.landing import Landing
from infra.lake.locks import table_locks
from infra.lake.settings import Settings
when, landed, calls = sys.argv[1], Landing.land, 0
def deadly(*arguments):
    global calls
    calls += 1
    if calls == 3 and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    result = landed(*arguments)
    if calls == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return result
Landing.land = deadly
pull(App(Settings()), "social_b")
"""
SMALL_PAGES = """
import infra.app.pull
from tests.support.asked_platform import small_pages
fetch = infra.app.pull.fetch
infra.app.pull.fetch = lambda settings, contract: fetch(settings, small_pages())
"""


def test_pages_are_landed_in_order_as_they_were_answered(platform: AskedPlatform) -> None:
    fetched = platform.fetch()

    assert platform.ids() == expected(12)
    assert [name.split("-")[0] for name, _ in platform.pages()] == ["00000001", "00000002", "00000003", "00000004"]
    assert platform.pages()[0][0] == "00000001-beginning.page.json"
    assert b'{"activityId": "act_0", "eventType": "view"}' in Path(fetched.pages[0].object.path).read_bytes()


def test_what_came_later_is_asked_for_behind_the_last_landed_page(folder: Path) -> None:
    with serving(folder, through=FIRST) as server:
        platform = AskedPlatform(folder, server)
        platform.fetch()
        first_day = platform.ids()
        Client(server, folder).control(through=SECOND.isoformat())
        platform.fetch()

    assert first_day == expected(7)
    assert platform.ids() == expected(12)


def test_a_platform_that_has_nothing_new_leaves_no_page(platform: AskedPlatform) -> None:
    platform.fetch()

    assert platform.fetch().pages == ()
    assert len(platform.pages()) == 4


def test_only_the_kinds_of_the_contract_are_asked_for(folder: Path) -> None:
    write_day(folder, SOURCE, date(2026, 3, 4), activities(12, 3, "giftSent") + activities(12, 1))
    with serving(folder) as server:
        platform = AskedPlatform(folder, server)
        platform.fetch()

    assert platform.ids() == expected(13)


def test_a_pull_brings_a_limited_number_of_pages_and_the_next_goes_on(platform: AskedPlatform) -> None:
    platform.settings = platform.settings.model_copy(update={"api_pages_a_pull": 2})
    platform.fetch()
    first = platform.ids()
    platform.fetch()

    assert first == expected(6)
    assert platform.ids() == expected(12)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.fault(23, how="SIGKILL between fetching a page and landing it")
def test_a_kill_between_fetching_and_landing_leaves_neither_gap_nor_repetition(
    platform: AskedPlatform, when: str
) -> None:
    platform.settings.home.mkdir()
    environment = {**platform.settings.as_environment(), "PYTHONPATH": str(PROJECT_ROOT), "PATH": ""}
    code = KILLED_CODE.replace("pull(App", f"{SMALL_PAGES}\npull(App")

    ended = subprocess.run([sys.executable, "-c", code, when], env=environment, cwd=PROJECT_ROOT, check=False)
    left = platform.ids()
    platform.fetch()

    assert ended.returncode == -9
    assert left == expected(6 if when == "before" else 9)
    assert platform.ids() == expected(12)


def test_maintenance_leaves_where_to_go_on_however_old_it_is(platform: AskedPlatform) -> None:
    platform.settings = platform.settings.model_copy(update={"api_pages_a_pull": 2})
    platform.fetch()
    long_ago = time.time() - 400 * 86_400
    for path in platform.settings.root.rglob("*"):
        os.utime(path, (long_ago, long_ago))

    maintain(App(platform.settings))
    platform.fetch()

    assert platform.ids() == expected(12)


def test_an_address_that_is_not_set_means_that_nothing_is_asked(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)

    assert fetch(settings, small_pages()) == Fetched()
    assert has_more(settings, small_pages()) is None


def test_the_bell_rings_once_for_what_a_platform_has_and_not_for_what_was_fetched(platform: AskedPlatform) -> None:
    at_first = offers(platform.settings, SOURCE)
    still = offers(platform.settings, SOURCE)
    pull(App(platform.settings), SOURCE)

    assert at_first == still == {"00000001-beginning.page.json"}
    assert offers(platform.settings, SOURCE) == frozenset()
    assert arrivals(platform.settings, SOURCE) == frozenset()


def test_nobody_asks_whether_there_is_more_while_pages_are_fetched(platform: AskedPlatform) -> None:
    with table_locks(platform.settings, [f"fetch.{SOURCE}"]):
        meanwhile = offers(platform.settings, SOURCE)

    assert meanwhile is None
    assert offers(platform.settings, SOURCE)


def test_the_bell_rings_for_a_wrong_token_and_not_for_a_platform_that_is_away(
    folder: Path, tmp_path: Path, platform: AskedPlatform
) -> None:
    access: dict[str, Any] = {"url": platform.settings.api[SOURCE].url, "token_file": tmp_path / "wrong"}
    access["token_file"].write_text("wrong")
    wrong = platform.settings.model_copy(update={"api": {SOURCE: ApiAccess(**access)}})
    away = ApiAccess(url="http://127.0.0.1:9")

    assert len(offers(wrong, SOURCE) or ()) == 1
    assert offers(wrong.model_copy(update={"api": {SOURCE: away}}), SOURCE) is None


def test_a_notice_of_a_change_is_handed_on(folder: Path) -> None:
    (folder / "api" / SOURCE / "notice.json").write_text('{"from":"2026-03-03","renamed":{"a":"b"}}')
    with serving(folder) as server:
        assert AskedPlatform(folder, server).fetch().notice == '{"from":"2026-03-03","renamed":{"a":"b"}}'
