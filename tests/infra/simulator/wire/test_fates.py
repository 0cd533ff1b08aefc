"""Lines of one record end as the ledger says: as many are good, superseded, copies, in conflict."""

import hashlib
from collections import Counter
from collections.abc import Sequence

import msgspec
import numpy as np
import pytest
from pyspark.sql import SparkSession

from infra.simulator.wire.dirt import Dirt, Soiler
from infra.simulator.wire.record import Line
from spark_jobs.functions.resolve import resolve
from tests.infra.simulator.wire.conftest import told

VERSIONS = {"shop_plugin": "revision", "shop_community": "revision", "social_a": "edit", "social_b": "rev"}
SCHEMA = (
    "record_id string, namespace string, event_day date, version long, payload_hash string, "
    "object_sha256 string, object_name string, position long"
)


def lines_of(source: str) -> list[Line]:
    said = told()[source]
    soiler = Soiler(said.feed, Dirt(late=0.3, duplicated=0.2, revised=0.3, contradicted=0.1))
    lines = soiler.arriving(said.days[1].date, said.records[1][:400], np.random.default_rng(1))
    return [*lines, *(line for late in soiler.left().values() for line in late)]


def fates(spark: SparkSession, lines: Sequence[Line], version: str) -> Counter[str]:
    rows = []
    for position, line in enumerate(lines):
        content = msgspec.json.decode(line.data)
        told_version = content.pop(version, None)
        digest = hashlib.sha256(msgspec.json.encode(content)).hexdigest()
        rows.append((line.id, "any", line.event_day, told_version, digest, "object", "object", position))
    resolved = resolve(spark.createDataFrame(rows, SCHEMA), identity_window_days=2)
    return Counter(row.fate for row in resolved.select("fate").collect())


@pytest.mark.parametrize("source", VERSIONS)
def test_as_many_lines_as_the_ledger_says_come_to_each_end(spark: SparkSession, source: str) -> None:
    lines = lines_of(source)

    said = Counter(line.verdict for line in lines)

    assert said["superseded"]
    assert fates(spark, lines, VERSIONS[source]) == said
