"""Content hash: one number for the rows a version holds, whatever their order, files or history."""

from collections.abc import Sequence

import duckdb
import pyarrow as pa
from pyiceberg.expressions import AlwaysTrue, BooleanExpression
from pyiceberg.table import Table


def content_hash(
    table: Table, snapshot_id: int, *, without: Sequence[str] = (), row_filter: BooleanExpression | None = None
) -> str:
    """Order-independent hash of the current rows of one version, without the columns named in `without`."""
    # An older version has the columns of its own time.
    columns = tuple(c.name for c in table.scan(snapshot_id=snapshot_id).projection().fields if c.name not in without)
    scan = table.scan(
        snapshot_id=snapshot_id, selected_fields=columns, row_filter=AlwaysTrue() if row_filter is None else row_filter
    )
    return hash_rows(scan.to_arrow_batch_reader().cast(scan.projection().as_arrow()))


def hash_rows(rows: pa.Table | pa.RecordBatchReader) -> str:
    """Order-independent hash of Arrow rows: their count and the sum of each row's MD5 over its JSON form.

    Columns count by name, sorted, so their order does not matter; nulls count; equal rows count as often as they occur.
    """
    names = sorted(rows.schema.names)
    if not names:
        return "0-0"
    packed = ", ".join(f'"{name}" := "{name}"' for name in names)
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.register("rows_to_hash", rows)
        query = f"""
            select count(*), coalesce(sum(md5_number_lower(row_text)::hugeint), 0) % 18446744073709551616,
                   coalesce(sum(md5_number_upper(row_text)::hugeint), 0) % 18446744073709551616
            from (select to_json(struct_pack({packed}))::varchar as row_text from rows_to_hash)
        """  # noqa: S608 - column names of our own tables
        count, lower, upper = connection.execute(query).fetchall()[0]
    return f"{count}-{int(upper):016x}{int(lower):016x}"
