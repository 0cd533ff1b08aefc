"""What a platform may get wrong about what follows a page: nothing is landed twice, and nobody asks for ever."""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from infra.app.api_client import Answer, ApiClient, RefusedError, UnreachableError
from infra.app.fetch import Fetched, fetch
from infra.lake.landing import Landing
from infra.lake.settings import ApiAccess, Settings
from tests.support.asked_platform import SOURCE, small_pages


@dataclass
class Told:
    """A platform that answers each cursor as it is told to, and the home that asks it."""

    settings: Settings
    answers: dict[str | None, bytes] = field(default_factory=dict)
    asked: list[str | None] = field(default_factory=list)
    notice: str | None = None
    refuses: int | None = None

    def get(self, _: ApiClient, __: str, query: dict[str, str]) -> Answer:
        cursor = query.get("cursor")
        self.asked.append(cursor)
        if self.refuses:
            raise RefusedError(f"it answers {self.refuses}.", self.refuses)
        return Answer(self.answers[cursor], self.notice, 1, 2)

    def fetch(self) -> Fetched:
        return fetch(self.settings, small_pages())

    def names(self) -> list[str]:
        return sorted(item.name for item in Landing(self.settings).objects(SOURCE))

    def land(self, name: str, content: bytes) -> None:
        file = self.settings.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        Landing(self.settings).land(SOURCE, file)


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Told:
    settings = Settings(home=tmp_path / "home", api={SOURCE: ApiAccess(url="http://x")}, api_pages_a_pull=5)
    told = Told(settings)

    def get(client: ApiClient, resource: str, query: dict[str, str]) -> Answer:
        return told.get(client, resource, query)

    monkeypatch.setattr(ApiClient, "get", get)
    return told


def page(following: object, items: Sequence[str] = (), *, more: bool) -> bytes:
    listed = [{"activityId": name} for name in items]
    return json.dumps({"code": 0, "result": {"items": listed, "nextCursor": following, "hasMore": more}}).encode()


def test_empty_pages_count_against_the_limit_of_a_pull_and_are_said_where_nothing_else_came(platform: Told) -> None:
    platform.answers = {None: page("c0", more=True)}
    platform.answers |= {f"c{n}": page(f"c{n + 1}", more=True) for n in range(20)}

    with pytest.raises(RefusedError, match=r"5 pages from 00000001-beginning.*are empty.*API_PAGES_A_PULL"):
        platform.fetch()

    assert len(platform.asked) == 5


def test_empty_pages_behind_landed_ones_end_a_pull_at_the_limit(platform: Told) -> None:
    platform.answers = {None: page("c0", ["a"], more=True)}
    platform.answers |= {f"c{n}": page(f"c{n + 1}", more=True) for n in range(20)}

    fetched = platform.fetch()

    assert (len(fetched.pages), len(platform.asked)) == (1, 5)
    assert (fetched.throttled, fetched.tried_again) == (5, 10)


@pytest.mark.parametrize(
    ("answers", "landed", "words"),
    [
        ({None: page("a", more=True), "a": page("a", more=True)}, 0, "leads back to itself"),
        ({None: page("a", ["1"], more=True), "a": page("a", ["2"], more=False)}, 1, "leads back to itself"),
        (
            {None: page("a", ["1"], more=True), "a": page("b", ["2"], more=True), "b": page("a", ["3"], more=True)},
            2,
            "leads back to a page",
        ),
    ],
    ids=["empty", "itself", "circle"],
)
def test_a_cursor_that_leads_back_is_refused_and_its_page_not_landed(
    platform: Told, answers: dict[str | None, bytes], landed: int, words: str
) -> None:
    platform.answers = answers

    for _ in range(2):
        with pytest.raises(RefusedError, match=words):
            platform.fetch()

    assert len(platform.names()) == landed


def test_a_circle_over_several_pulls_is_found(platform: Told) -> None:
    platform.answers = {None: page("a", ["1"], more=False), "a": page("b", ["2"], more=False)}
    platform.answers["b"] = page("a", ["3"], more=False)
    platform.fetch()
    platform.fetch()

    with pytest.raises(RefusedError, match="leads back to a page"):
        platform.fetch()


def test_an_empty_cursor_is_an_error(platform: Told) -> None:
    platform.answers = {None: page("", ["1"], more=False)}

    with pytest.raises(UnreachableError, match=r"no text at result\.nextCursor"):
        platform.fetch()

    assert platform.names() == []


def test_an_answer_that_is_no_page_is_kept_with_the_reason(platform: Told) -> None:
    platform.answers = {None: b"<html>"}

    with pytest.raises(UnreachableError, match=r"It has 6 bytes, SHA-256 [0-9a-f]{64}"):
        platform.fetch()

    aside = platform.settings.refused_dir / SOURCE
    assert (aside / "00000001-beginning.page.json").read_bytes() == b"<html>"
    assert "is no page" in (aside / "00000001-beginning.page.json.reason.txt").read_text()


def test_of_a_large_answer_that_is_no_page_a_part_is_kept(platform: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.app.asker.KEPT_BYTES", 3)
    platform.answers = {None: b"<html>"}

    with pytest.raises(UnreachableError, match="It has 6 bytes"):
        platform.fetch()

    assert (platform.settings.refused_dir / SOURCE / "00000001-beginning.page.json").read_bytes() == b"<ht"


def _forget(platform: Told) -> None:
    platform.refuses = 410


def _no_longer_fit(platform: Told) -> None:
    platform.land("00000007-z.page.json", b'{"data": []}')


@pytest.mark.parametrize("happens", [_forget, _no_longer_fit])
def test_a_place_that_is_lost_is_said_with_a_remedy_that_helps(platform: Told, happens: Callable[[Told], None]) -> None:
    platform.answers = {None: page("a", ["1"], more=False), "b": page("c", ["2"], more=False)}
    platform.fetch()
    happens(platform)

    with pytest.raises(RefusedError, match=r"'Where a platform goes on' in docs/operations.md"):
        platform.fetch()
    platform.refuses = None
    platform.land("00000008-restart.page.json", page("b", more=True))
    platform.fetch()

    assert platform.names()[-1] == "00000009-b.page.json"


def test_somebody_may_begin_again_at_the_beginning(platform: Told) -> None:
    platform.answers = {None: page("a", ["1"], more=True), "a": page("b", ["2"], more=False)}
    platform.fetch()

    platform.land("00000003-restart.page.json", page("", more=True))
    platform.answers |= {None: page("a", ["1", "1b"], more=True)}
    platform.answers["a"] = page("b", ["2", "2b"], more=False)
    platform.fetch()

    assert platform.names()[2:] == [
        "00000003-restart.page.json",
        "00000004-beginning.page.json",
        "00000005-a.page.json",
    ]


def test_a_request_that_is_wrong_from_the_beginning_is_no_forgotten_cursor(platform: Told) -> None:
    platform.refuses = 400

    with pytest.raises(RefusedError) as refused:
        platform.fetch()

    assert "forgotten" not in str(refused.value)


def test_a_notice_of_a_change_is_told_once_until_its_text_changes(
    platform: Told, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "guanxi.notices")
    platform.answers = {None: page("a", more=False)}
    for notice in ("one", "one", None, "one", "two"):
        platform.notice = notice
        platform.fetch()

    assert [record.args[1].split("\n")[0] for record in caplog.records] == ["one", "two"]  # type: ignore[index, union-attr]


def test_a_notice_is_told_although_its_page_is_none(platform: Told, caplog: pytest.LogCaptureFixture) -> None:
    platform.answers, platform.notice = {None: b"<html>"}, "all is new"

    with pytest.raises(UnreachableError):
        platform.fetch()

    assert "all is new" in caplog.text
