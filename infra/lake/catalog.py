"""The catalogue of Iceberg tables as pyiceberg sees it; Spark opens the same one (`infra.app.session`)."""

from collections.abc import Sequence
from contextlib import suppress
from copy import copy
from functools import cached_property
from typing import Final

from pyiceberg.catalog.sql import IcebergTables, SqlCatalog
from pyiceberg.exceptions import CommitFailedException, NoSuchTableError, TableAlreadyExistsError
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.transforms import IdentityTransform
from pyiceberg.typedef import Identifier
from pyiceberg.types import PrimitiveType

from infra.lake.errors import GuanxiError
from infra.lake.settings import Settings

CATALOG_NAME: Final = "lake"
TABLE_PROPERTIES: Final = {
    "format-version": "2",
    "write.parquet.compression-codec": "zstd",
    "write.metadata.previous-versions-max": "50",
    "write.metadata.delete-after-commit.enabled": "true",
    # A version may be read by name until maintenance says otherwise, never because some engine's default expired it.
    "history.expire.max-snapshot-age-ms": str(3650 * 86_400_000),
}


class SchemaChangeError(GuanxiError):
    """A contract changed in a way that readers of the published table would not survive."""


class _Catalog(SqlCatalog):
    """Reads the metadata file of a table again only when the table points at another: such a file never changes."""

    def __init__(self, name: str, **properties: str) -> None:
        super().__init__(name, **properties)
        self._read: dict[Identifier, Table] = {}

    def _convert_orm_to_iceberg(self, orm_table: IcebergTables) -> Table:
        known = self._read.get((orm_table.table_namespace, orm_table.table_name))
        if known is None or known.metadata_location != orm_table.metadata_location:
            known = super()._convert_orm_to_iceberg(orm_table)
            self._read[orm_table.table_namespace, orm_table.table_name] = known
        # A copy: whoever writes to a table object makes it show what was written.
        return copy(known)


class Lake:
    """Access to every table by its dataset name (`<layer>.<name>`); tables are loaded fresh at each call."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def catalog(self) -> SqlCatalog:
        """The catalogue; its SQLite file is created on first use."""
        self.settings.lake_dir.mkdir(parents=True, exist_ok=True)
        return _Catalog(
            CATALOG_NAME,
            uri=f"sqlite:///{self.settings.catalog_file}?timeout=120",
            warehouse=self.settings.lake_dir.as_uri(),
        )

    def table(self, name: str) -> Table:
        """The table of dataset `name` as of now; raises GuanxiError where it was never created."""
        table = self.find(name)
        if table is None:
            raise GuanxiError(f"{name}: nothing was built yet. Build it first: guanxi run {name}.")
        return table

    def find(self, name: str) -> Table | None:
        """The table of dataset `name`, or None where it was never created."""
        try:
            return self.catalog.load_table(name)
        except NoSuchTableError:
            return None

    def names(self) -> list[str]:
        """Every table of the catalogue, sorted."""
        spaces = self.catalog.list_namespaces()
        return sorted(".".join(table) for space in spaces for table in self.catalog.list_tables(space))

    def ensure(self, name: str, schema: Schema, partition_by: Sequence[str]) -> Table:
        """Create the table, or add the columns its contract gained, and let be null what it no longer requires.

        Raises SchemaChangeError for any other change.
        """
        table = self.find(name) or self._create(name, schema, partition_by)
        if "main" not in table.refs():
            # Left by a process of older code, which made a table and its first snapshot in two steps and was killed.
            table.append(table.schema().as_arrow().empty_table())
        _refuse_breaking_change(name, table.schema(), schema)
        if set(_leaves(schema)) - set(_leaves(table.schema())) or _required(table.schema()) - _required(schema):
            with table.update_schema() as update:
                update.union_by_name(schema)
        return table

    def _create(self, name: str, schema: Schema, partition_by: Sequence[str]) -> Table:
        self.catalog.create_namespace_if_not_exists(name.split(".", maxsplit=1)[0])
        fields = [
            PartitionField(schema.find_field(column).field_id, 1000 + index, IdentityTransform(), column)
            for index, column in enumerate(partition_by)
        ]
        location = f"{self.settings.lake_dir.as_uri()}/{name.replace('.', '/')}"
        # Another process may be first, and its table is as good.
        with (
            suppress(TableAlreadyExistsError, CommitFailedException),
            self.catalog.create_table_transaction(
                name, schema, location=location, partition_spec=PartitionSpec(*fields), properties=TABLE_PROPERTIES
            ) as created,
        ):
            # Branches start from a snapshot: `main` gets an empty one, so that the first run is no special case.
            created.append(created.table_metadata.schema().as_arrow().empty_table())
        return self.table(name)


def _refuse_breaking_change(name: str, published: Schema, wanted: Schema) -> None:
    types, kept = _leaves(published), _leaves(wanted)
    lost = sorted(set(types) - set(kept))
    retyped = sorted(column for column in kept.keys() & types.keys() if kept[column] != types[column])
    loose = sorted(published.identifier_field_names() - _required(wanted) - set(lost))
    if lost or retyped or loose:
        what = ", ".join(
            [f"{column} is gone" for column in lost]
            + [f"{column} has another type" for column in retyped]
            + [f"{column} is of the key and no longer required" for column in loose]
        )
        raise SchemaChangeError(
            f"{name}: the contract no longer fits the published table ({what}). Columns may be added and cease "
            "to be required; publish the new shape as a new dataset, move its readers, then retire this one."
        )


def _required(schema: Schema) -> set[str]:
    """The columns that may not be null."""
    return {field.name for field in schema.fields if field.required}


def _leaves(schema: Schema) -> dict[str, str]:
    """Types of the columns and, in structs, of the columns inside, by their full names."""
    types = {column: schema.find_type(column) for column in schema.column_names}
    return {column: str(kind) for column, kind in types.items() if isinstance(kind, PrimitiveType)}
