"""No sweep: events alone carry deliveries to the analysts' file, through the death of everything that takes part."""

from collections.abc import Iterator
from datetime import date, timedelta

import httpx
import psutil
import pytest

from infra.app.services import ServiceError, up
from infra.lake import branch
from infra.lake.catalog import Lake
from tests.support.faults import keep_down, kill, kill_service, running_task
from tests.support.system import RETAIL, System, running_system

pytestmark = [
    pytest.mark.system,
    pytest.mark.fault(22, 29, how="tasks killed in build, gate and publication, with what reports for them", part=True),
    pytest.mark.fault(
        33, 34, how="Spark's JVM killed at work; Airflow's scheduler killed, its interface away for 20 s", part=True
    ),
]

FIRST_DAY = date(2026, 3, 2)
SOURCE = "source_retail_export"
# Which service dies while which DAG builds.
KILLED_DURING = {"scheduler": SOURCE, "spark": "events", "dag-processor": "features_growth", "triggerer": "marts"}
DOWN_SECONDS = 20


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_system(tmp_path_factory.mktemp("events_alone"), sweep_minutes=0) as system:
        yield system


def next_day(system: System) -> date:
    """The day after the newest that the analysts see."""
    return FIRST_DAY + timedelta(days=len(system.days()))


def wait_for_the_newest_day(system: System) -> None:
    """Wait until what was delivered is carried, to the last day and record."""
    system.wait_for_days(sorted(file.name[:10] for file in (system.folder / "delivered" / RETAIL).iterdir()))


def test_files_in_the_inboxes_are_carried_to_the_marts(system: System) -> None:
    system.deliver_day(next_day(system))

    wait_for_the_newest_day(system)


def test_starting_again_starts_nothing_twice(system: System) -> None:
    before = system.keeper.processes()

    system.guanxi("up")

    assert system.keeper.processes() == before


def test_a_port_in_use_is_said_with_the_setting_that_moves_it(system: System) -> None:
    other = system.settings.model_copy(update={"home": system.folder / "other"})

    with pytest.raises(ServiceError, match=r"port \d+ is in use by another program.*GUANXI_SPARK_PORT"):
        up(other)


def test_the_pages_are_shown_to_those_who_are_logged_in(system: System) -> None:
    page = f"http://127.0.0.1:{system.settings.airflow_port}/guanxi/index.html"

    stranger = httpx.get(page, follow_redirects=False, timeout=30)
    user = httpx.get(page, headers=system.airflow.client.headers, timeout=30)

    assert "/auth/login" in stranger.headers["location"]
    assert user.status_code == 200
    assert "events.order_line" in user.text


def test_services_killed_one_after_another_while_a_day_is_carried_lose_nothing(system: System) -> None:
    system.wait_until_quiet()
    system.deliver_export(next_day(system))

    for service, dag in KILLED_DURING.items():
        running_task(system, dag, "build")
        kill_service(system, service)

    wait_for_the_newest_day(system)


def test_what_comes_while_the_interface_is_away_is_carried_once_it_is_back(system: System) -> None:
    system.wait_until_quiet()
    system.deliver_day(next_day(system))
    running_task(system, SOURCE, "build")

    keep_down(system, "api-server", DOWN_SECONDS)

    wait_for_the_newest_day(system)


def test_a_task_killed_at_its_work_is_tried_again(system: System) -> None:
    system.wait_until_quiet()
    system.deliver_export(next_day(system))

    kill(running_task(system, SOURCE, "build").pid)

    running_task(system, "events", "build")


def test_readers_are_rung_though_the_task_is_killed_once_it_has_published(system: System) -> None:
    lake = Lake(system.settings)
    before = branch.head(lake.table("events.order_line"))

    publishing = running_task(system, "events", "publish")
    system.wait_until(lambda: branch.head(lake.table("events.order_line")) != before, "it is published", 0.02)
    assert publishing.is_running()
    kill(publishing.pid)

    running_task(system, "features_growth", "build")


def test_a_task_killed_with_the_process_that_reports_for_it_is_tried_again(system: System) -> None:
    working = running_task(system, "features_growth", "build")
    reporting = psutil.Process(working.ppid())
    kill(reporting.pid)
    kill(working.pid)

    running_task(system, "features_growth", "publish")
    wait_for_the_newest_day(system)


def test_marts_killed_in_gate_and_publication_are_shown_all_the_same(system: System) -> None:
    system.wait_until_quiet()
    system.deliver_export(next_day(system))

    for task in ("gate", "publish"):
        kill(running_task(system, "marts", task).pid)

    wait_for_the_newest_day(system)


@pytest.mark.fault(22, 29, how="tasks killed in build, gate and publication, with what reports for them")
@pytest.mark.fault(33, how="Spark's JVM killed at work")
@pytest.mark.fault(34, how="Airflow's scheduler killed, its interface away for 20 s")
def test_all_of_it_ends_in_the_tables_of_one_undisturbed_run(system: System) -> None:
    system.wait_until_quiet()

    assert system.hashes() == system.calm().hashes()
