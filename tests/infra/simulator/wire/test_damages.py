"""A damaged line has the fault that its reason says: the readers that are strict give just that reason."""

from datetime import date

import pytest

from infra.simulator.wire.csv_rows import CsvFeed
from infra.simulator.wire.feed import find_feeds
from spark_jobs.functions import json_decode
from spark_jobs.functions.csv_decode import CsvFormat, decode_object
from spark_jobs.functions.envelope import READER_RULES
from spark_jobs.functions.json_line import LineError, LineParser
from tests.infra.simulator.wire.conftest import Told, told

OF_FIELDS = {"wrong_type", "wrong_case_key"}
"""Reasons that depend on the fields a contract declares."""
OF_READERS = READER_RULES.keys() - OF_FIELDS
FEEDS = find_feeds()


def reason_of(said: Told, line: bytes, day: date) -> str | None:
    if isinstance(said.feed, CsvFeed):
        return reason_of_row(said.feed, said.feed.head(day), line)
    try:
        LineParser().parse(line)
    except LineError as error:
        return str(error)
    return None


def reason_of_row(feed: CsvFeed, head: bytes, row: bytes) -> str | None:
    layout = CsvFormat(feed.columns, ",", quoted_newlines=False)
    batches = decode_object(head + b"\n" + row + b"\n", layout)
    (problem,) = [problem for batch in batches for problem in batch.column("problem").to_pylist()]
    return str(problem) if problem else None


@pytest.mark.parametrize(("name", "reason"), [(feed.name, reason) for feed in FEEDS for reason in feed.damages])
def test_the_reader_gives_the_reason_that_the_ledger_says(name: str, reason: str) -> None:
    said = told()[name]
    for number, record in enumerate(said.records[1][:20]):
        broken = said.feed.damages[reason](said.feed, said.feed.lost(record, number))

        # What only a mapping or a contract can judge is sound to the reader.
        assert reason_of(said, broken, said.days[1].date) == (reason if reason in OF_READERS else None)


def problems_of(said: Told, line: bytes, day: date) -> list[str | None]:
    """What the reader of dropped objects finds wrong with each line that it takes some bytes for."""
    if isinstance(said.feed, CsvFeed):
        layout = CsvFormat(said.feed.columns, ",", quoted_newlines=False)
        batches = decode_object(said.feed.head(day) + b"\n" + line + b"\n", layout)
    else:
        batches = json_decode.decode_object(line + b"\n", ())
    return [problem for batch in batches for problem in batch.column("problem").to_pylist()]


@pytest.mark.parametrize(
    ("name", "reason", "lines"),
    [
        ("shop_plugin", "too_long", 1),
        ("shop_community", "too_long", 1),
        ("payment_sdk", "unbalanced_quote", 2),
        ("payment_settlements", "unbalanced_quote", 2),
    ],
)
def test_what_comes_once_a_day_has_the_reason_on_each_of_its_lines(name: str, reason: str, lines: int) -> None:
    said = told()[name]
    broken = said.feed.once_a_day[reason](said.feed, said.feed.lost(said.records[1][0], 0))

    assert broken.count(b"\n") == lines - 1
    assert problems_of(said, broken, said.days[1].date) == [reason] * lines


@pytest.mark.parametrize("name", [feed.name for feed in FEEDS])
def test_what_is_not_damaged_is_sound_to_the_reader(name: str) -> None:
    said = told()[name]
    reasons = {
        reason_of(said, said.feed.write(record.content), day.date)
        for day, records in zip(said.days, said.records, strict=True)
        for record in records[:100]
    }
    assert reasons == {None}
