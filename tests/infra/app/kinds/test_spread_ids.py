"""An event stands on one day of its table, whichever engine looks."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from pyiceberg.schema import Schema
from pyiceberg.types import DateType, NestedField, StringType
from pyspark.sql import SparkSession

from infra.app.kinds.spread_ids import spread_in_memory, spread_on_spark
from infra.app.session import Engine
from infra.lake import branch
from infra.lake.catalog import Lake
from infra.lake.settings import Settings
from tests.support.home import session_over

VISIT = "events.visit"
COLUMNS = ("source", "namespace", "event_id")
Row = tuple[str, str, str, int]
"""Source, namespace, id, day of March 2026."""


@pytest.fixture
def engine(spark: SparkSession, tmp_path: Path) -> Engine:
    """An engine over an empty home."""
    engine = Engine(Settings(home=tmp_path))
    engine.spark = session_over(engine.settings, spark)
    return engine


@pytest.mark.parametrize(
    ("rows", "touched", "spread"),
    [
        pytest.param([("app", "shop", "a", 2), ("app", "shop", "b", 3)], [2, 3], 0, id="each on one day"),
        pytest.param([("app", "shop", "a", 2), ("app", "shop", "a", 9)], [9], 1, id="one on two days"),
        pytest.param([("app", "shop", "a", day) for day in (2, 5, 9)], [5], 1, id="one on three days is one"),
        pytest.param([("app", "shop", "a", 2), ("app", "shop", "a", 9)], [3], 0, id="neither day was touched"),
        pytest.param([("app", "shop", "a", 2), ("web", "shop", "a", 9)], [2], 1, id="two feeds of one platform"),
        pytest.param([("app", "shop", "a", 2), ("web", "site", "a", 9)], [2], 0, id="two platforms"),
        pytest.param(
            [("app", "shop", "a", 2), ("file", "shop", "a", 9)], [2], 0, id="a source that is not asked about"
        ),
    ],
)
def test_ids_on_more_than_one_day_are_counted(
    engine: Engine, rows: Sequence[Row], touched: Sequence[int], spread: int
) -> None:
    lake = Lake(engine.settings)
    asked = (VISIT, _published(lake, rows), ["app", "web"], frozenset(f"2026-03-{day:02}" for day in touched))

    assert spread_in_memory(lake, *asked) == spread
    assert spread_on_spark(engine, *asked) == spread


def _published(lake: Lake, rows: Sequence[Row]) -> int:
    types = dict.fromkeys(COLUMNS, StringType()) | {"day": DateType()}
    fields = [NestedField(index, name, kind) for index, (name, kind) in enumerate(types.items(), 1)]
    table = lake.ensure(VISIT, Schema(*fields), ())
    days = [dict(zip(COLUMNS, row, strict=False)) | {"day": date(2026, 3, row[3])} for row in rows]
    table.append(pa.Table.from_pylist(days, schema=table.schema().as_arrow()))
    return branch.head(lake.table(VISIT))
