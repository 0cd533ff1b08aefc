"""What the world's platforms deliver and answer is taken in as their ledger says, record by record."""

from datetime import date

import pytest
from pyspark.sql import SparkSession

from infra.app.kinds.landing_objects import OBJECTS
from infra.app.pull import MANIFEST_SUFFIX
from infra.simulator.simulate import day_of_evolution
from infra.simulator.world.world import Setting
from tests.support.simulated import ASKED, DROPPED, SOURCES, TARGETS, Row, Simulated, carried

START, DAYS = date(2026, 3, 2), 3
SAYS = {"sha256": "its sha256 is", "lines": "its lines is", "totals": "the sum of"}
"""What the pipeline says of an object that is refused, by the ledger's reason."""
EMPTY_KINDS = {"empty_file", "blank_lines", "header_only"}


@pytest.fixture(scope="module")
def world(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    return carried(tmp_path_factory.mktemp("world"), spark, Setting(300, START), DAYS, "heavy")


@pytest.mark.parametrize("source", SOURCES)
def test_each_record_is_taken_in_or_refused_as_the_ledger_says(world: Simulated, source: str) -> None:
    assert len({row["reason"] for row in world.ledger[source].values()}) > 5
    assert world.misjudged(source) == {}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.fault(16, 17, 18, how="a made-up world with heavy dirt, all its platforms")
def test_each_good_event_is_in_its_table_once_by_its_id_and_no_other(world: Simulated, target: str) -> None:
    assert world.misplaced(target) == {}


@pytest.mark.parametrize("source", DROPPED)
@pytest.mark.fault(21, how="manifests with a wrong count, SHA-256 or total", part=True)
def test_an_object_is_refused_for_the_reason_that_the_ledger_says_and_no_other_is(
    world: Simulated, source: str
) -> None:
    told = {f"{row['object']}: {SAYS[row['reason']]}" for row in objects_of(world, source, "refused")}

    refused = [reason for one in world.pulled[source] for reason in one.refused]

    assert told
    assert {found for reason in refused for found in told if reason.startswith(found)} == told
    assert len(refused) == len(told)


@pytest.mark.parametrize("source", DROPPED)
def test_what_the_ledger_says_waits_stays_in_the_inbox_and_nothing_else(world: Simulated, source: str) -> None:
    told = {row["object"] for row in objects_of(world, source, "waits")}

    files = {file.name for file in (world.app.settings.inbox_dir / source).iterdir()}

    assert told
    assert {name for name in files if not name.endswith(MANIFEST_SUFFIX)} == told


@pytest.mark.parametrize("source", DROPPED)
def test_what_the_ledger_says_lands_is_in_the_landing_store_once(world: Simulated, source: str) -> None:
    told = {row["object"] for verdict in ("landed", "copy") for row in objects_of(world, source, verdict)}

    landed = [one.object.name for pulled in world.pulled[source] for one in pulled.landed if one.is_new]

    assert sorted(landed) == sorted(told)
    assert sorted(row["name"] for row in world.rows(OBJECTS) if row["source"] == source) == sorted(told)


@pytest.mark.parametrize("source", DROPPED)
def test_an_object_without_a_record_is_taken_in_as_empty(world: Simulated, source: str) -> None:
    empty = {row["object"] for row in world.object_ledger[source] if row["kind"] in EMPTY_KINDS}

    found = {row["name"] for row in world.rows(OBJECTS) if row["source"] == source and row["verdict"] == "empty"}

    assert empty
    assert found == empty


def objects_of(world: Simulated, source: str, verdict: str) -> list[Row]:
    return [row for row in world.object_ledger[source] if row["verdict"] == verdict]


def test_every_table_is_fed_by_all_who_told_something_for_it(world: Simulated) -> None:
    fed = {(target, row["source"]) for target in TARGETS for row in world.rows(target)}

    told = {(row["target"], source) for source in SOURCES for row in world.ledger[source].values()}
    assert fed == {(target, source) for target, source in told if target}
    assert {target for target, _ in fed} == set(TARGETS)


@pytest.mark.fault(
    1, 2, 3, 6, 7, 8, 9, 10, 11, 13, 14, 16, 17, 18, 21, how="a made-up world with heavy dirt, all its platforms"
)
def test_the_balance_closes_with_the_ledgers_fates(world: Simulated) -> None:
    assert world.balance() == world.fates()


@pytest.mark.fault(32, how="a tenth of the answers are 500, 502 or 503, a tenth are reset", part=True)
def test_no_item_is_fetched_twice_or_left_out(world: Simulated) -> None:
    objects = [row for row in world.rows(OBJECTS) if row["source"] in ASKED]

    assert ASKED
    assert sum(row["records"] for row in objects) == sum(len(world.ledger[source]) for source in ASKED)


@pytest.mark.parametrize(("source", "key"), [("payment_sdk", "CHANNEL_FEE_YUAN"), ("social_b", "item.name")])
@pytest.mark.fault(15, how="a column that comes up in the middle of a made-up world", part=True)
def test_what_a_newer_schema_says_is_kept_beside_the_record(world: Simulated, source: str, key: str) -> None:
    evolved = day_of_evolution(START, DAYS)

    days = {row["event_day"]: dict(row["extra"] or ()) for row in world.rows(f"raw.{source}") if row["event_day"]}
    with_key = {row["event_day"] for row in world.rows(f"raw.{source}") if key in dict(row["extra"] or ())}
    assert {day for day in with_key if day} == {day for day in days if evolved and day >= evolved}
