import random
from datetime import date, timedelta
from typing import NamedTuple

from pyspark.sql import SparkSession

from spark_jobs.functions.resolve import resolve

FIRST = date(2026, 3, 1)


class Record(NamedTuple):
    """What decides a record's fate."""

    namespace: str
    record_id: str
    event_day: date
    payload_hash: str
    version: int | None
    object_sha256: str
    object_name: str
    position: int


COLUMNS = (
    "namespace string, record_id string, event_day date, payload_hash string, version long, "
    "object_sha256 string, object_name string, position long"
)


def fate(record: Record, others: list[Record], window_days: int) -> str:
    """The definition, word for word, over every pair."""
    near = [
        other
        for other in others
        if (other.namespace, other.record_id) == (record.namespace, record.record_id)
        and abs((other.event_day - record.event_day).days) <= window_days
    ]
    rank = {None: -1}
    if any(o[3:5] == record[3:5] and o[5:] < record[5:] for o in near):
        return "duplicate"
    if any(rank.get(o.version, o.version) > rank.get(record.version, record.version) for o in near):
        return "superseded"
    if any(o.version == record.version and o.payload_hash > record.payload_hash for o in near):
        return "conflict"
    return "good"


def test_fates_are_those_of_the_definition(spark: SparkSession) -> None:
    dice = random.Random(5)
    made = {
        Record(
            dice.choice("xy"),
            str(dice.randrange(60)),
            FIRST + timedelta(days=dice.randrange(4)),
            dice.choice("pqr"),
            dice.choice([None, 1, 2]),
            dice.choice("abc"),
            "f.csv",
            dice.randrange(3),
        )
        for _ in range(600)
    }
    # A physical record has one place, so a place is taken once.
    places = {record[5:] + record[:2]: record for record in sorted(made, key=repr)}
    records = list(places.values())

    found = resolve(spark.createDataFrame(records, COLUMNS), identity_window_days=1).collect()

    expected = {record: fate(record, records, 1) for record in records}
    assert {Record(*row[:8]): row["fate"] for row in found} == expected
    assert set(expected.values()) == {"good", "duplicate", "superseded", "conflict"}


def test_a_copy_two_days_away_is_another_event_where_the_window_is_one_day(spark: SparkSession) -> None:
    far = [
        Record("x", "1", FIRST + timedelta(days=offset), "p", None, sha256, "f.csv", 1)
        for offset, sha256 in ((0, "a"), (2, "b"))
    ]

    fates = [row["fate"] for row in resolve(spark.createDataFrame(far, COLUMNS), identity_window_days=1).collect()]

    assert fates == ["good", "good"]


def test_of_every_event_one_record_is_good_though_a_version_says_again_what_an_older_one_said(
    spark: SparkSession,
) -> None:
    said = [
        Record("x", "1", FIRST, payload, version, "a", "f.csv", version)
        for version, payload in ((1, "p"), (2, "q"), (3, "p"))
    ]

    found = resolve(spark.createDataFrame(said, COLUMNS), identity_window_days=1).collect()

    assert {row["version"]: row["fate"] for row in found} == {1: "superseded", 2: "superseded", 3: "good"}
