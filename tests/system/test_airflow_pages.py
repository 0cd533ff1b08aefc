"""Airflow's pages as somebody sees them who logs in: the DAGs, a run with its tasks, and Guanxi's own pages."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from urllib.parse import quote

import pytest
from selenium.webdriver.common.keys import Keys

from infra.app.airflow_settings import USER, password_file
from infra.app.declared import units
from tests.support.browser import DESKTOP, PHONE, Browser, browser
from tests.support.system import System, running_system

pytestmark = pytest.mark.system

DAY = date(2026, 3, 2)
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Services that have carried one day to the marts."""
    with running_system(tmp_path_factory.mktemp("pages"), sweep_minutes=0) as system:
        system.deliver_day(DAY)
        system.wait_for_days([str(DAY)])
        yield system


@pytest.fixture(scope="module")
def chromium(system: System) -> Iterator[Browser]:
    """A browser that somebody has logged in with, by the form."""
    password = json.loads(password_file(system.settings).read_text())[USER]
    with browser() as chromium:
        chromium.show_as(DESKTOP, dark=False)
        chromium.open(at(system, "/"))
        chromium.wait_for("input[name=username]").send_keys(USER)
        chromium.wait_for("input[type=password]").send_keys(password, Keys.ENTER)
        chromium.wait_for("button", "Browse")
        yield chromium


def at(system: System, path: str) -> str:
    return f"http://127.0.0.1:{system.settings.airflow_port}{path}"


def test_every_dag_is_in_the_list(system: System, chromium: Browser) -> None:
    chromium.open(at(system, "/dags"))

    for unit in units():
        chromium.wait_for("a", unit.name)


def test_a_dags_grid_shows_its_tasks_and_a_run_how_they_ended(system: System, chromium: Browser) -> None:
    run = next(
        task.run
        for task in system.tasks(BEGINNING)
        if (task.dag, task.task, task.state) == ("marts", "publish", "success")
    )
    chromium.open(at(system, f"/dags/marts/runs/{quote(run)}"))

    for task in ("build", "gate", "publish", "all_good"):
        chromium.wait_for("a", task)
    chromium.wait_for("tr", "Success")


def test_the_navigation_leads_to_guanxis_pages(system: System, chromium: Browser) -> None:
    chromium.open(at(system, "/"))
    chromium.wait_for("button", "Browse").click()
    chromium.wait_for("a", "Guanxi").click()

    chromium.chrome.switch_to.frame(chromium.wait_for("iframe"))
    try:
        chromium.wait_for_text("Needs attention")
        chromium.wait_for("a", "marts.growth_daily")
    finally:
        chromium.chrome.switch_to.default_content()


def test_guanxis_pages_fit_a_phone_and_ask_no_other_host(system: System, chromium: Browser) -> None:
    chromium.show_as(PHONE, dark=True)
    chromium.open(at(system, "/guanxi/index.html"))
    chromium.wait_for_text("Needs attention")

    assert chromium.run("return document.documentElement.scrollWidth <= innerWidth")
    own = (at(system, "/"), "data:")
    assert [address for address in chromium.requests() if not address.startswith(own)] == []
    assert chromium.errors() == []
