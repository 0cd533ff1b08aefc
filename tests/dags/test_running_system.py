"""The services started for real: deliveries are carried to the analysts' file by events alone, through kills too."""

import os
import signal
from collections.abc import Iterator
from datetime import date

import httpx
import pytest

from infra.app.services import ServiceError, up
from infra.simulator.retail_sample import Line, write_export
from tests.support.home import order_line
from tests.support.system import SHOP, System, now, running_system

pytestmark = pytest.mark.system

DAYS = [date(2026, 3, day) for day in (2, 3, 4, 5)]
# Well-formed, so the mapping takes it, but the contract's range closes the gate.
ABSURD: Line = order_line("509999", at=f"{DAYS[3]} 10:00:00", price="99999999.99")


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    # No sweep: what arrives is carried by events alone.
    with running_system(tmp_path_factory.mktemp("system") / "home", sweep_minutes=0) as system:
        yield system


def seen(count: int) -> list[str]:
    return [str(day) for day in DAYS[:count]]


def test_a_file_in_the_inbox_is_carried_to_the_marts_by_events(system: System) -> None:
    system.deliver_day(DAYS[0])

    system.wait_for_days(*seen(1))


def test_a_second_day_follows_it(system: System) -> None:
    system.deliver_day(DAYS[1])

    system.wait_for_days(*seen(2))


def test_starting_again_starts_nothing_twice(system: System) -> None:
    before = system.keeper.processes()

    system.guanxi("up")

    assert system.keeper.processes() == before


def test_a_port_in_use_is_said_with_the_setting_that_moves_it(system: System) -> None:
    other = system.settings.model_copy(update={"home": system.settings.home.parent / "other"})

    with pytest.raises(ServiceError, match=r"port \d+ is in use by another program.*GUANXI_SPARK_PORT"):
        up(other)


def test_the_pages_are_shown_to_those_who_are_logged_in(system: System) -> None:
    system.guanxi("docs")
    page = f"http://127.0.0.1:{system.settings.airflow_port}/guanxi/index.html"

    stranger = httpx.get(page, follow_redirects=False, timeout=30)
    user = httpx.get(page, headers=system.airflow.client.headers, timeout=30)

    assert "/auth/login" in stranger.headers["location"]
    assert user.status_code == 200
    assert "events.order_line" in user.text


@pytest.mark.parametrize("killed", ["scheduler", "spark", "triggerer"])
def test_a_service_that_is_killed_is_started_again(system: System, killed: str) -> None:
    before = system.keeper.processes()[killed]
    assert before is not None
    os.kill(before, signal.SIGKILL)

    system.wait_until(lambda: system.keeper.processes()[killed] not in {None, before}, f"{killed} runs again")


def test_what_was_delivered_when_services_died_is_carried_all_the_same(system: System) -> None:
    system.deliver_day(DAYS[2])
    system.wait_until(lambda: bool(system.airflow.active_runs()), "a run has begun")
    for killed in ("spark", "scheduler"):
        os.kill(system.keeper.processes()[killed] or 0, signal.SIGKILL)

    system.wait_for_days(*seen(3))


def test_a_failed_gate_is_tried_once_shown_told_and_leaves_the_old_mart(system: System) -> None:
    system.wait_until_quiet()
    before, since = system.days(), now()
    system.deliver("absurd.csv.gz", [ABSURD])

    system.wait_until(lambda: any(t.state == "failed" for t in system.tasks("events", since)), "the gate fails")
    system.wait_until_quiet()

    failed = [task for task in system.tasks("events", since) if task.state == "failed"]
    assert {task.task for task in failed} == {"gate", "all_good"}
    assert len({task.run for task in failed}) == 1
    assert system.days() == before
    assert "held" in system.guanxi("status")


def test_a_superseding_delivery_catches_up_by_itself(system: System) -> None:
    wrong = next(one for one in system.landing() if one.name == "absurd.csv.gz")
    right = system.settings.home.parent / "right.csv.gz"
    write_export(right, SHOP.lines(DAYS[3]))

    system.guanxi("land", "--source", "retail_export", "--supersedes", wrong.sha256, str(right))

    system.wait_for_days(*seen(4))


def test_all_of_it_ends_in_the_tables_of_one_undisturbed_run(system: System) -> None:
    system.wait_until_quiet()
    calm = System(system.settings.model_copy(update={"home": system.settings.home.parent / "calm"}))
    # Rows name the object they came from.
    for day, name in zip(DAYS, [*seen(3), "right"], strict=True):
        file = system.settings.home.parent / f"{name}.csv.gz"
        write_export(file, SHOP.lines(day))
        calm.guanxi("land", "--source", "retail_export", str(file))
    calm.guanxi("run")

    for name in ("events.order_line", "features.user_value", "features.purchase_30d", "marts.growth_daily"):
        assert system.guanxi("hash", name) == calm.guanxi("hash", name)
