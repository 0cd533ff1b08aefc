"""A platform that does not answer keeps back neither what its own inbox holds nor other sources."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from infra.app import tasks
from infra.app.api_client import RefusedError, UnreachableError
from infra.app.app import App
from infra.app.cli.main import cli
from infra.app.errors import BadDataError
from infra.app.pull import pull
from infra.lake.landing import Landing
from infra.lake.settings import ApiAccess, Settings

DOWN, OTHER = "social_a", "retail_export"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    settings = Settings(home=tmp_path / "home", api={DOWN: ApiAccess(url="http://127.0.0.1:9")}, api_tries=1)
    for name, text in settings.as_environment().items():
        monkeypatch.setenv(name, text)
    return settings


def drop(settings: Settings, source: str, name: str) -> Path:
    file = settings.inbox_dir / source / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"content")
    return file


def drop_broken(settings: Settings) -> None:
    file = drop(settings, DOWN, "a.json")
    file.with_name("a.json.manifest.json").write_text("{}")


def test_other_sources_are_pulled_and_the_error_is_said(settings: Settings) -> None:
    drop(settings, OTHER, "a.csv")

    ended = CliRunner().invoke(cli, ["pull", DOWN, OTHER])

    assert ended.exit_code == 1
    assert "social_a: http://127.0.0.1:9/activities gave no page" in " ".join(ended.stderr.split())
    assert [item.name for item in Landing(settings).objects()] == ["a.csv"]


def test_a_program_reads_the_error(settings: Settings) -> None:
    ended = CliRunner().invoke(cli, ["pull", DOWN, "--json"])

    assert "gave no page" in json.loads(ended.stdout)[DOWN]["error"]


def test_a_name_that_is_no_source_is_said_before_anything_is_pulled(settings: Settings) -> None:
    drop(settings, OTHER, "a.csv")

    ended = CliRunner().invoke(cli, ["pull", OTHER, "nobody"])

    assert "no such source" in str(ended.exception)
    assert Landing(settings).objects() == []


def test_what_was_refused_is_not_lost(settings: Settings) -> None:
    drop_broken(settings)

    pulled = pull(App(settings), DOWN)

    assert len(pulled.refused) == 1
    assert isinstance(pulled.error, UnreachableError)


def test_a_task_says_both_and_is_not_tried_again(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(App, "run", lambda *_, **__: [])
    drop_broken(settings)

    with pytest.raises(BadDataError, match=r"(?s)a\.json\.manifest.*gave no page"):
        tasks.pull(DOWN)


@pytest.mark.parametrize("kind", [UnreachableError, RefusedError])
def test_a_task_without_refused_objects_fails_as_the_platform_does(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]
) -> None:
    def fail(*_: object) -> None:
        raise kind("said")

    monkeypatch.setattr(App, "run", lambda *_, **__: [])
    monkeypatch.setattr("infra.app.pull.fetch", fail)

    with pytest.raises(kind, match="said"):
        tasks.pull(DOWN)


def test_a_dropped_file_that_is_called_like_a_page_is_refused_where_pages_are_fetched(settings: Settings) -> None:
    drop(settings, DOWN, "00000009-x.page.json")
    drop(settings, OTHER, "00000009-x.page.json")
    app = App(settings)

    assert "this is called like one" in pull(app, DOWN).refused[0]
    assert [one.object.name for one in pull(app, OTHER).landed] == ["00000009-x.page.json"]
