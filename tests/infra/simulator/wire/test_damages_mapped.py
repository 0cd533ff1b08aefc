"""The mapping of a source takes each kind of record in for its event, and gives a damaged one the ledger's reason."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pyspark.sql import SparkSession

from expectations.contract import Contract, find_contracts
from infra.simulator.wire.csv_rows import CsvFeed
from infra.simulator.wire.feed import find_feeds
from infra.simulator.wire.record import Record
from tests.infra.simulator.wire.conftest import Told, told
from tests.support.mapped import mapped

FEEDS = {feed.name: feed for feed in find_feeds()}
CONTRACTS = {one.short_name: one for one in find_contracts().values() if one.source and one.short_name in FEEDS}
KIND_KEYS = ("kind", "eventType", "type", "RECORD_TYPE")


class TakenIn(NamedTuple):
    """Records and the rows made of them, reasons and the rows of records that were damaged by them."""

    records: list[Record]
    sound: list[Any]
    reasons: list[str]
    damaged: list[Any]


def written(said: Told, contract: Contract, lines: list[bytes], folder: Path) -> Path:
    """Lines as an object of the source: a file, or the page of an interface."""
    file = folder / "object"
    form = contract.source.format if contract.source else {}
    if isinstance(said.feed, CsvFeed):
        file.write_bytes(b"\n".join([said.feed.head(said.days[1].date), *lines]))
    elif "items" in form:
        opening, closing = json.dumps(nested(str(form["items"]).split("."))).split('"@"')
        file.write_bytes(opening.encode() + b",".join(lines) + closing.encode())
    else:
        file.write_bytes(b"\n".join(lines))
    return file


def nested(keys: list[str]) -> object:
    return {keys[0]: nested(keys[1:])} if keys else ["@"]


def of_each_kind(said: Told) -> list[Record]:
    """A record of every kind that a feed tells, of those that are written under the header of the second day."""
    records = said.records[1] if isinstance(said.feed, CsvFeed) else said.all
    kinds = {tuple(record.content.get(key) for key in KIND_KEYS): record for record in reversed(records)}
    return list(kinds.values())


@pytest.fixture(scope="module", params=CONTRACTS)
def taken_in(request: pytest.FixtureRequest, spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> TakenIn:
    """A sound record of each kind of a source, then some with each of its damages, as its mapping takes them in."""
    said, contract = told()[request.param], CONTRACTS[request.param]
    damages, records = said.feed.damages, of_each_kind(said)
    # More than one of a kind: some damages take turns.
    to_damage = [*records, *said.records[1][:12]]
    damaged = [
        damage(said.feed, said.feed.lost(record, number))
        for damage in damages.values()
        for number, record in enumerate(to_damage)
    ]
    sound = [said.feed.write(record.content) for record in records]
    file = written(said, contract, [*sound, *damaged], tmp_path_factory.mktemp(request.param))
    rows = mapped(spark, contract, file)
    reasons = [reason for reason in damages for _ in to_damage]
    return TakenIn(records, rows[: len(records)], reasons, rows[len(records) :])


def test_a_record_of_each_kind_is_taken_in_for_its_event_on_its_day(taken_in: TakenIn) -> None:
    found = [(row["target"], row["event_day"], row["reason"]) for row in taken_in.sound]

    assert found == [(record.target, record.event_day, None) for record in taken_in.records]


def test_the_mapping_gives_the_reason_that_the_ledger_says(taken_in: TakenIn) -> None:
    assert [row["reason"] for row in taken_in.damaged] == taken_in.reasons
