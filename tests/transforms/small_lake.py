"""A few literal rows in real Iceberg tables, and the dbt project that reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import (
    BinaryType,
    BooleanType,
    DateType,
    DecimalType,
    IcebergType,
    LongType,
    MapType,
    NestedField,
    StringType,
    StructType,
    TimestamptzType,
)

from infra.app.dbt_project import DbtProject, MartResult, PinnedTable

TRANSFORMS = Path(__file__).resolve().parents[2] / "transforms"
MONEY = DecimalType(18, 4)
OBJECTS: dict[str, IcebergType] = {
    "source": StringType(),
    "name": StringType(),
    "object_sha256": StringType(),
    "records": LongType(),
    "verdict": StringType(),
}
PAYLOAD: dict[str, IcebergType] = {
    "order_id": StringType(),
    "product_id": StringType(),
    "product_name": StringType(),
    "account_id": StringType(),
    "quantity": LongType(),
    "unit_price": MONEY,
    "currency": StringType(),
    "amount": MONEY,
    "is_cancellation": BooleanType(),
    "ordered_at": TimestamptzType(),
    "country": StringType(),
}
ORDER_LINE: dict[str, IcebergType] = {
    "day": DateType(),
    "source": StringType(),
    "namespace": StringType(),
    "event_id": StringType(),
    **PAYLOAD,
    "object_sha256": StringType(),
    "object_name": StringType(),
    "position": LongType(),
}
RECORD: dict[str, IcebergType] = {
    "target": StringType(),
    "event_day": DateType(),
    "received_hour": TimestamptzType(),
    "object_sha256": StringType(),
    "object_name": StringType(),
    "position": LongType(),
    "record_id": StringType(),
    "payload_hash": StringType(),
    "version": LongType(),
    "reason": StringType(),
    "rule": StringType(),
    "original": BinaryType(),
    "extra": MapType(900, StringType(), 901, StringType(), False),
    "order_line": StructType(*(NestedField(800 + i, n, t) for i, (n, t) in enumerate(PAYLOAD.items()))),
}
SESSION: dict[str, IcebergType] = {
    "day": DateType(),
    "namespace": StringType(),
    "visitor_id": StringType(),
    "account_id": StringType(),
    "duration_seconds": LongType(),
    "interactions": LongType(),
    "cart_adds": LongType(),
    "checkouts": LongType(),
}
GROWTH_DAILY: dict[str, IcebergType] = {"day": DateType(), "net_sales": MONEY}
COLUMNS = {"objects": OBJECTS, "order_line": ORDER_LINE, "refund": ORDER_LINE, "session": SESSION} | {
    "growth_daily": GROWTH_DAILY
}
PARTITIONS = {"raw": ("target", "event_day", "received_hour"), "events": ("day", "source"), "features": ("day",)}


@dataclass(frozen=True)
class Feed:
    """Where a raw source's records go."""

    targets: tuple[str, ...]
    timezone: str = "Europe/London"


@dataclass(frozen=True)
class Column:
    """A column of a contract."""

    name: str
    description: str | None


@dataclass(frozen=True)
class Contract:
    """As much of a contract as the dbt project asks for."""

    layer: str
    short_name: str
    source: Feed | None = None
    columns: tuple[Column, ...] = (Column("day", "Business day."),)
    purpose: str = "Order lines of every source."
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The dataset's name."""
        return f"{self.layer}.{self.short_name}"


CONTRACTS = {
    "raw.objects": Contract("raw", "objects"),
    "raw.retail_export": Contract("raw", "retail_export", Feed(("events.order_line",))),
    "events.order_line": Contract("events", "order_line"),
    "features.session": Contract("features", "session"),
}


class SmallLake:
    """Iceberg tables in a folder; a table comes to be when rows are first added to it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.catalog = SqlCatalog("lake", uri=f"sqlite:///{folder}/catalog.db", warehouse=folder.as_uri())

    def add(self, name: str, rows: Sequence[Mapping[str, Any]]) -> PinnedTable:
        """Append rows to `<layer>.<table>`; without rows the table is created and has no snapshot."""
        layer, short_name = name.split(".")
        self.catalog.create_namespace_if_not_exists(layer)
        if not self.catalog.table_exists(name):
            self._create(name, layer, COLUMNS.get(short_name, RECORD))
        table = self.catalog.load_table(name)
        if rows:
            table.append(pa.Table.from_pylist([dict(row) for row in rows], schema=table.schema().as_arrow()))
        return self.pinned(name)

    def pinned(self, name: str) -> PinnedTable:
        """A table at its newest version."""
        table = self.catalog.load_table(name)
        snapshot = table.current_snapshot()
        return PinnedTable(name, table.metadata_location, snapshot.snapshot_id if snapshot else None)

    def _create(self, name: str, layer: str, columns: Mapping[str, IcebergType]) -> None:
        fields = [NestedField(index, column, kind) for index, (column, kind) in enumerate(columns.items(), start=1)]
        schema = Schema(*fields)
        by = [column for column in PARTITIONS.get(layer, ()) if column in columns]
        spec = PartitionSpec(
            *(
                PartitionField(schema.find_field(column).field_id, 1000 + index, IdentityTransform(), column)
                for index, column in enumerate(by)
            )
        )
        self.catalog.create_table(name, schema, partition_spec=spec)


def line(
    day: str, account: str | None = "a", amount: str = "10.00", order: str = "1", **other: object
) -> dict[str, Any]:
    """An order line; a negative amount is a cancellation unless said otherwise."""
    return {
        "day": date.fromisoformat(day),
        "source": "retail_export",
        "namespace": "retail",
        "currency": "GBP",
        "account_id": account,
        "amount": Decimal(amount),
        "order_id": order,
        "is_cancellation": amount.startswith("-"),
        **other,
    }


def build(
    project: DbtProject,
    staging: Path,
    tables: Sequence[PinnedTable],
    complete_through: Mapping[str, str | None],
    mart_tables: Sequence[PinnedTable] = (),
) -> dict[str, MartResult]:
    """Build the marts that have a `complete_through`."""
    return project.build(
        list(complete_through),
        staging=staging,
        inputs=tables,
        mart_tables=mart_tables,
        complete_through=complete_through,
    )


def rows(staging: Path, query: str) -> list[tuple[Any, ...]]:
    """Rows of a staging file."""
    with duckdb.connect(str(staging), read_only=True) as connection:
        return connection.execute(query).fetchall()


def failed(result: MartResult) -> dict[str, tuple[str, int]]:
    """Severity and number of failures of each check that did not pass."""
    return {check.name: (check.severity, check.failures) for check in result.checks if not check.passed}
