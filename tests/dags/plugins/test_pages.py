"""The pages behind Airflow's login: only for users, and nothing outside their folder."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from airflow.api_fastapi.core_api.security import get_user

from dags.plugins import pages


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GUANXI_HOME", str(tmp_path))
    folder = tmp_path / "site"
    (folder / "runs").mkdir(parents=True)
    (folder / "index.html").write_text("the index")
    (folder / "runs" / "index.html").write_text("the runs")
    (tmp_path / "secret").write_text("secret")
    return folder


@pytest.fixture
def logged_in() -> Iterator[None]:
    pages.app.dependency_overrides[get_user] = lambda: "somebody"
    yield
    pages.app.dependency_overrides.clear()


def get(path: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=pages.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://airflow") as client:
            return await client.get(path)

    return asyncio.run(ask())


@pytest.mark.usefixtures("logged_in")
@pytest.mark.parametrize(("path", "text"), [("/", "the index"), ("/index.html", "the index"), ("/runs/", "the runs")])
def test_a_user_gets_the_pages(site: Path, path: str, text: str) -> None:
    assert get(path).text == text


@pytest.mark.usefixtures("logged_in", "site")
@pytest.mark.parametrize("path", ["/nothing.html", "/../secret", "/%2e%2e/secret", "/runs/..%2f..%2fsecret"])
def test_what_is_not_in_the_folder_is_not_found(path: str) -> None:
    assert get(path).status_code == 404


@pytest.mark.usefixtures("logged_in", "site")
@pytest.mark.parametrize(("path", "again"), [("/runs/just-ended.html", True), ("/nothing.html", False)])
def test_only_the_page_of_a_run_may_be_yet_to_be_written_and_is_asked_for_again(path: str, again: bool) -> None:
    answer = get(path)

    assert answer.status_code == 404
    assert ('<meta http-equiv="refresh" content="5">' in answer.text) is again


@pytest.mark.usefixtures("logged_in")
def test_a_link_out_of_the_folder_is_not_followed(site: Path) -> None:
    (site / "link.html").symlink_to(site.parent / "secret")

    assert get("/link.html").status_code == 404


@pytest.mark.usefixtures("logged_in")
def test_before_the_pages_are_written_there_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUANXI_HOME", str(tmp_path))

    assert get("/").status_code == 404
