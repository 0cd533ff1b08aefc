"""A platform that is down for days keeps back nobody else; the data say how far it is, and it catches up by itself."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from infra.app.api_client import UnreachableError
from infra.app.app import App
from infra.app.closed import LeftAloneError
from infra.app.kinds.events import ORIGIN
from infra.app.pull import pull
from infra.app.status import DatasetStatus, status
from infra.app.warehouse import query
from infra.lake.settings import ApiAccess
from infra.simulator.platforms.server import Server, serving
from infra.simulator.simulate import simulate
from infra.simulator.wire.dirt import LEVELS
from infra.simulator.world.world import Setting
from tests.support.home import open_home
from tests.support.platforms import Client
from tests.support.simulated import Simulated

pytestmark = pytest.mark.slow

DOWN, UP = "social_b", "social_a"
START = date(2026, 3, 2)
DAYS = [START + timedelta(days=n) for n in range(4)]
EVENTS, BALANCE = "events.interaction", "marts.source_balance"
NAMES = (EVENTS, BALANCE)
RESTS = {"api_tries": 1, "api_failures": 2, "api_rest_seconds": 3600, "api_longest_rest_seconds": 86_400}


@dataclass
class Outage:
    """Two homes over one world: in one a platform was down for its second and third day, in the other never."""

    folder: Path
    app: App
    undisturbed: App
    errors: list[Exception | None] = field(default_factory=list)
    meanwhile: dict[str, DatasetStatus] = field(default_factory=dict)
    newest_meanwhile: dict[str, date] = field(default_factory=dict)
    complete_meanwhile: tuple[date, ...] = ()


@contextmanager
def two_servers(folder: Path) -> Iterator[dict[str, tuple[Server, Client]]]:
    """Each platform on a server of its own, so that one may be down alone."""
    with ExitStack() as stack:
        servers = {}
        for name in (DOWN, UP):
            server = stack.enter_context(serving(folder, through=START))
            servers[name] = (server, Client(server, folder))
        yield servers


@pytest.fixture(scope="module")
def outage(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Outage:
    folder = tmp_path_factory.mktemp("outage")
    simulate(Setting(60, START), len(DAYS), LEVELS["normal"], folder)
    tokens = {name: folder / f"token_{name}" for name in (DOWN, UP)}
    with two_servers(folder) as servers:
        access = {}
        for name, (server, client) in servers.items():
            tokens[name].write_text(client.token)
            access[name] = ApiAccess(url=f"{server.address}/{name}", token_file=tokens[name])
        (folder / "a").mkdir()
        (folder / "b").mkdir()
        outage = Outage(
            folder,
            open_home(folder / "a", spark, api=access, **RESTS),
            open_home(folder / "b", spark, api=access, **RESTS),
        )
        play(outage, servers)
    return outage


def play(outage: Outage, servers: dict[str, tuple[Server, Client]]) -> None:
    """Day after day; the platform is down for one of the homes on the second and the third.

    With the last day comes what becomes known after it.
    """
    last_arrival = max(file.stem for file in (outage.folder / "api").glob("*/*.jsonl"))
    with pytest.MonkeyPatch.context() as patch:
        for number, day in enumerate(DAYS):
            patch.setattr("infra.app.closed.time", lambda now=1_800_000_000 + number * 86_400: now)
            for _, client in servers.values():
                through = last_arrival if day == DAYS[-1] else day.isoformat()
                client.control(through=through, dial={"server_errors": 0.0})
            assert [pull(outage.undisturbed, source).error for source in (DOWN, UP)] == [None, None]
            servers[DOWN][1].control(dial={"server_errors": float(number in {1, 2})})
            for _ in range(3):
                outage.errors.append(pull(outage.app, DOWN).error)
                assert pull(outage.app, UP).error is None
            if number == 2:
                look(outage)
    for app in (outage.app, outage.undisturbed):
        app.run(NAMES)


def look(outage: Outage) -> None:
    """What the data say while the platform is down."""
    outage.app.run(NAMES)
    outage.meanwhile = {row.dataset: row for row in status(outage.app)}
    rows = outage.app.lake.table(EVENTS).scan().to_arrow().to_pylist()
    outage.newest_meanwhile = {name: max(row["day"] for row in rows if row["source"] == name) for name in (DOWN, UP)}
    sql = f"select distinct complete_through from {BALANCE}"
    (outage.complete_meanwhile,) = query(outage.app.settings.warehouse_file, sql)[1]


def test_it_is_asked_less_and_less_and_then_as_before(outage: Outage) -> None:
    kinds = [type(error) for error in outage.errors]

    first = [UnreachableError, UnreachableError, LeftAloneError]
    assert kinds == [type(None)] * 3 + first + [UnreachableError, LeftAloneError, LeftAloneError] + [type(None)] * 3


def test_the_other_platform_goes_on_meanwhile(outage: Outage) -> None:
    assert outage.newest_meanwhile == {DOWN: DAYS[0], UP: DAYS[2]}


def test_the_data_say_how_far_they_are_complete_and_status_with_whom(outage: Outage) -> None:
    through = outage.meanwhile[f"raw.{DOWN}"].complete_through

    assert outage.meanwhile[f"raw.{DOWN}"].left_alone is not None
    assert {outage.meanwhile[name].complete_through for name in NAMES} == {through}
    assert {outage.meanwhile[name].behind for name in NAMES} == {(f"raw.{DOWN}",)}
    assert [str(day) for day in outage.complete_meanwhile] == [through]
    assert str(outage.meanwhile[f"raw.{UP}"].complete_through) > str(through)


@pytest.mark.fault(32, how="a platform that answers 50x for two days while another goes on")
def test_it_catches_up_to_what_it_would_have_been(outage: Outage) -> None:
    rows = {row.dataset: row for row in status(outage.app)}

    assert contents(outage.app) == contents(outage.undisturbed)
    assert {rows[name].state for name in NAMES} == {"level"}
    assert {row.behind for row in rows.values()} == {()}


def contents(app: App) -> list[tuple[str, str]]:
    """The events, without how they came: where a page ends depends on when it was asked for."""
    rows = app.lake.table(EVENTS).scan().to_arrow().to_pylist()
    arrival = set(ORIGIN) | set(app.datasets.find(EVENTS).arrival_columns)
    return sorted((row["event_id"], str({k: v for k, v in row.items() if k not in arrival})) for row in rows)


def test_no_item_is_missing_or_there_twice(outage: Outage) -> None:
    world = Simulated(outage.folder, outage.app)
    good = [row for source in (DOWN, UP) for row in world.ledger[source].values() if row["verdict"] == "good"]
    told = sorted(row["id"] for row in good if row["target"] == EVENTS)
    objects = [row for row in world.rows("raw.objects") if row["source"] == DOWN]
    balanced = query(outage.app.settings.warehouse_file, f"select bool_and(balanced), sum(received) from {BALANCE}")[1]

    assert sorted(world.ledger[s][place]["id"] for s in (DOWN, UP) for place in taken_in(world, s)) == told
    assert sum(row["records"] for row in objects) == len(world.ledger[DOWN])
    assert balanced == [(True, len(world.ledger[DOWN]) + len(world.ledger[UP]))]


def taken_in(world: Simulated, source: str) -> list[tuple[str, int]]:
    return list(world.by_place(source, [row for row in world.rows(EVENTS) if row["source"] == source]))
