"""A lake in a temporary folder and one small table of days in it; no Spark."""

from pathlib import Path

import pyarrow as pa
import pytest
from pyiceberg.schema import Schema
from pyiceberg.types import DateType, LongType, NestedField

from infra.lake.catalog import Lake
from infra.lake.settings import Settings

NAME = "features.visits"
SCHEMA = Schema(NestedField(1, "day", DateType()), NestedField(2, "visits", LongType()))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """An empty lake."""
    return Lake(Settings(home=tmp_path / "home"))


@pytest.fixture
def visits(lake: Lake) -> str:
    """Name of an empty table of visits by day."""
    lake.ensure(NAME, SCHEMA, ["day"])
    return NAME


def visits_on(*rows: tuple[str, int]) -> pa.Table:
    """Literal rows of the table."""
    days = pa.array([day for day, _ in rows]).cast(pa.date32())
    return pa.table({"day": days, "visits": pa.array([count for _, count in rows], pa.int64())})
