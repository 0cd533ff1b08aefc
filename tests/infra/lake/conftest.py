"""A lake in a temporary folder and one small table of days in it, and landing stores; no Spark."""

from pathlib import Path
from typing import cast

import pyarrow as pa
import pytest
from pyiceberg.schema import Schema
from pyiceberg.types import DateType, LongType, NestedField

from infra.lake.catalog import Lake
from infra.lake.landing import Landing
from infra.lake.settings import Settings
from tests.support.object_server import ObjectServer

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


@pytest.fixture(params=["folder", "bucket"])
def landing(tmp_path: Path, request: pytest.FixtureRequest) -> Landing:
    """An empty landing store, in a folder and in a bucket."""
    return Landing(_settings(request, tmp_path / "home"))


def _settings(request: pytest.FixtureRequest, home: Path) -> Settings:
    if request.param == "folder":
        return Settings(home=home)
    server = cast(ObjectServer, request.getfixturevalue("object_server"))
    return server.settings(home, request.getfixturevalue("bucket"))


def visits_on(*rows: tuple[str, int]) -> pa.Table:
    """Literal rows of the table."""
    days = pa.array([day for day, _ in rows]).cast(pa.date32())
    return pa.table({"day": days, "visits": pa.array([count for _, count in rows], pa.int64())})
