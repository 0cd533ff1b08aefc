"""A damaged line gets its reason from the mapping of its source, where there is one, whichever of its faults it has."""

import json
from collections.abc import Iterator
from pathlib import Path

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


def asked_for(said: Told, contract: Contract) -> Iterator[Record]:
    """Records of the kinds that an interface is asked for, or all of what is dropped."""
    kinds = set(contract.source.api.kinds) if contract.source and contract.source.api else set()
    for record in said.records[1]:
        if not kinds or kinds & {record.content.get("kind"), record.content.get("eventType")}:
            yield record


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_mapping_gives_the_reason_that_the_ledger_says(spark: SparkSession, tmp_path: Path, name: str) -> None:
    said, contract = told()[name], CONTRACTS[name]
    damages, records = said.feed.damages, list(asked_for(said, contract))[:12]
    damaged = [
        damage(said.feed, said.feed.lost(record, number))
        for damage in damages.values()
        for number, record in enumerate(records)
    ]

    rows = mapped(spark, contract, written(said, contract, damaged, tmp_path))

    assert [row["reason"] for row in rows] == [reason for reason in damages for _ in records]
