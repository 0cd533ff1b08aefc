"""No watcher: the sweep alone takes in what is delivered, and what was missed, held or added meanwhile."""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest

from infra.lake.catalog import Lake
from infra.loop.verdict import GATE_RESULT
from tests.support.documented import write_examples
from tests.support.faults import locked_database
from tests.support.home import order_line
from tests.support.mail import MailServer, running_mail_server
from tests.support.retail_sample import Line, write_export
from tests.support.system import RETAIL, RETAIL_SHOP, System, now, running_system
from tests.support.wider import STALL_HEADER

pytestmark = [
    pytest.mark.system,
    pytest.mark.fault(26, 27, how="no watcher at all; 2,000 objects at once", part=True),
    pytest.mark.fault(
        28, how="a source, a feature and a mart deployed to a running system; a reader paused meanwhile", part=True
    ),
    pytest.mark.fault(34, how="Airflow's database locked for two minutes", part=True),
    pytest.mark.fault(36, how="a price that no shop asks for, and mended", part=True),
]

DAYS = [date(2026, 3, day) for day in (2, 3, 4, 5, 6)]
SWEEP_SECONDS = 60
LOCK_SECONDS = 120
QUIET_SECONDS = 60
BURST_OBJECTS = 2000
# Well-formed, so the mapping takes it, but the contract's range closes the gate.
ABSURD: Line = order_line("509999", at=f"{DAYS[4]} 10:00:00", price="99999999.99")


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    with running_mail_server() as mail:
        yield mail


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, mail: MailServer) -> Iterator[System]:
    told = {"smtp_host": "127.0.0.1", "smtp_port": mail.port, "notices_to": "data@example.org"}
    folder = tmp_path_factory.mktemp("sweep_alone")
    with running_system(folder, sweep_minutes=SWEEP_SECONDS / 60, watch_seconds=0, **told) as system:
        yield system


def seen(count: int) -> list[str]:
    return [str(day) for day in DAYS[:count]]


def test_files_in_the_inboxes_are_carried_to_the_marts(system: System) -> None:
    system.deliver_day(DAYS[0])

    system.wait_for_days(seen(1))


def test_days_that_land_on_a_locked_database_while_a_reader_is_paused_come_by_themselves(system: System) -> None:
    system.wait_until_quiet()
    system.pause("events", paused=True)
    system.deliver_day(DAYS[1])
    system.wait_until(lambda: bool(system.airflow.carrying_runs()), "a run has begun")
    with locked_database(system):
        for day in DAYS[2:4]:
            system.deliver_day(day)
        time.sleep(LOCK_SECONDS)
    system.wait_until(lambda: len(system.landed(RETAIL)) == len(seen(4)), "all days are landed")
    assert system.days() == seen(1)

    system.pause("events", paused=False)

    system.wait_for_days(seen(4))


def test_a_burst_of_objects_is_carried_whole(system: System) -> None:
    lines = [order_line(f"6{number:05}", at=f"{DAYS[3]} 12:00:00") for number in range(BURST_OBJECTS)]
    files = [write_export(system.outbox(RETAIL) / f"burst-{line[0]}.csv.gz", [line]) for line in lines]

    system.drop(RETAIL, files)

    system.wait_until_carried()


def test_a_delivery_that_the_gate_holds_is_tried_once_shown_and_told(system: System, mail: MailServer) -> None:
    system.wait_until_quiet()
    before, since = system.sql("from growth_daily order by day"), now()
    system.deliver("absurd.csv.gz", [ABSURD])

    system.wait_until(lambda: any(task.state == "failed" for task in system.tasks(since)), "the gate fails")
    system.wait_until_quiet()

    failed = [task for task in system.tasks(since) if task.state == "failed"]
    assert Counter((task.dag, task.task) for task in failed) == {("events", "gate"): 1, ("events", "all_good"): 1}
    assert {task.tries for task in failed} == {1}
    assert system.sql("from growth_daily order by day") == before
    assert "held" in system.guanxi("status")
    shown = system.settings.site_dir / "gates" / "events.order_line.html"
    system.wait_until(lambda: "1 of 1 rows break the rule" in shown.read_text(), "the page of the gate shows it")
    assert len(mail.messages) == 1
    assert "events.gate failed" in mail.messages[0]


def test_what_is_held_is_not_tried_again_and_again(system: System, mail: MailServer) -> None:
    since, verdicts = now(), count_verdicts(system)

    time.sleep(QUIET_SECONDS)

    runs = Counter(dag for dag, _ in {(task.dag, task.run) for task in system.tasks(since)})
    assert max(runs.values()) <= QUIET_SECONDS // SWEEP_SECONDS + 1
    assert not [task for task in system.tasks(since) if task.state == "failed"]
    assert count_verdicts(system) == verdicts
    assert len(mail.messages) == 1


def test_a_superseding_delivery_catches_up_by_itself(system: System) -> None:
    (wrong,) = [item.sha256 for item in system.landed(RETAIL) if item.name == "absurd.csv.gz"]

    system.deliver("right.csv.gz", RETAIL_SHOP.lines(DAYS[4]), supersedes=wrong)

    system.wait_for_days(seen(5))


def test_a_contract_dropped_into_the_project_is_a_dag_that_carries_its_deliveries(system: System) -> None:
    write_examples(system.project)
    system.wait_until(lambda: "source_market_stall" in system.airflow.dag_ids(), "the new source has a DAG")
    tickets = system.outbox("market_stall") / "stall.csv"
    tickets.write_text(f"{STALL_HEADER}\nT1;1001;3;2.00;{DAYS[0]}T12:00:00\n")

    system.drop("market_stall", [tickets])

    pieces = "select pieces_an_order from basket_size where namespace = 'stall'"
    system.wait_until(lambda: system.sql(pieces) == [(3,)], "the new mart shows the new source")
    system.wait_until_carried()


@pytest.mark.fault(26, how="no watcher at all")
@pytest.mark.fault(27, how="2,000 objects at once")
@pytest.mark.fault(28, how="a source, a feature and a mart deployed to a running system; a reader paused meanwhile")
@pytest.mark.fault(34, how="Airflow's database locked for two minutes")
@pytest.mark.fault(36, how="a price that no shop asks for, and mended")
def test_all_of_it_ends_in_the_tables_of_one_undisturbed_run(system: System, mail: MailServer) -> None:
    system.wait_until_quiet()

    assert system.hashes() == system.calm().hashes()
    assert len(mail.messages) == 1


def count_verdicts(system: System) -> int:
    return int(Lake(system.settings).table(GATE_RESULT).scan().count())
