"""Bad records and objects of both forms of file are quarantined one by one, and what stands beside them is taken in."""

import gzip
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from infra.app.app import App
from infra.app.kinds.landing_objects import OBJECTS
from infra.loop.result import Outcome
from tests.faults.bad_objects import BAD, EMPTY
from tests.faults.broken_objects import GOOD, PLUGIN, RETAIL, Broken
from tests.support.home import open_home
from tests.support.oracle import BALANCE, balance_of, check_balance, check_events

pytestmark = pytest.mark.slow

EVENTS = ("events.interaction", "events.order_line")


@dataclass
class Home:
    """A home that took in all objects by one run, and the rows of its raw tables by object."""

    app: App
    raw: dict[str, list[dict[str, object]]]


@pytest.fixture(scope="module")
def home(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("broken")
    app = open_home(folder, spark)
    for broken in [parameter.values[0] for parameter in BAD]:
        assert isinstance(broken, Broken)
        land(app, folder, broken.source, broken.name, broken.stored)
    for source, name, stored in [parameter.values for parameter in EMPTY]:
        land(app, folder, str(source), str(name), bytes(stored))  # type: ignore[arg-type]
    results = app.run([*EVENTS, BALANCE])
    assert {result.outcome for result in results} <= {Outcome.PUBLISHED, Outcome.UNCHANGED}, results
    raw: dict[str, list[dict[str, object]]] = {}
    for source in (PLUGIN, RETAIL):
        for found in app.lake.table(f"raw.{source}").scan().to_arrow().to_pylist():
            raw.setdefault(found["object_name"], []).append(found)
    return Home(app, raw)


def land(app: App, folder: Path, source: str, name: str, stored: bytes) -> None:
    (folder / name).write_bytes(stored)
    app.land(source, folder / name)


@pytest.mark.parametrize("broken", BAD)
def test_each_record_of_a_broken_object_is_good_or_quarantined_for_its_reason(home: Home, broken: Broken) -> None:
    found = {row["position"]: row["reason"] or GOOD for row in home.raw[broken.name]}

    assert found == broken.told
    balance = balance_of(home.app, broken.source)[broken.name]
    good = sum(said == GOOD for said in broken.told.values())
    assert (balance["received"], balance["good"], balance["quarantined"], balance["balanced"]) == (
        len(broken.told),
        good,
        len(broken.told) - good,
        True,
    )


@pytest.mark.fault(8, how="GBK, broken UTF-8", part=True)
@pytest.mark.parametrize("broken", BAD)
def test_the_bytes_of_a_quarantined_record_are_those_that_were_delivered(home: Home, broken: Broken) -> None:
    content = gzip.decompress(broken.stored) if 0 not in broken.told and broken.name.endswith("gz") else broken.stored
    kept = [row["original"] for row in home.raw[broken.name] if row["reason"]]

    assert len(kept) == sum(said != GOOD for said in broken.told.values())
    assert all(isinstance(original, bytes) and original in content for original in kept)


@pytest.mark.parametrize("source", [PLUGIN, RETAIL])
@pytest.mark.fault(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 20, how="all broken objects at once")
def test_the_balance_closes_and_events_are_those_of_the_ledger(home: Home, source: str) -> None:
    objects = [parameter.values[0] for parameter in BAD]
    ledger = {p: f for b in objects if isinstance(b, Broken) and b.source == source for p, f in b.ledger.items()}
    empty = [str(name) for of, name, _ in (parameter.values for parameter in EMPTY) if of == source]

    check_balance(home.app, source, ledger, empty)
    check_events(home.app, source, ledger)


@pytest.mark.parametrize(("source", "name", "stored"), EMPTY)
def test_an_object_without_a_record_is_reported_by_a_gate(home: Home, source: str, name: str, stored: bytes) -> None:
    (verdict,) = home.app.verdicts.of(OBJECTS)
    (check,) = [check for check in verdict.checks if check.name == "no object is empty"]

    assert balance_of(home.app, source)[name]["received"] == 0
    assert not check.passed
    assert str(len(EMPTY)) in check.observed
