"""Writing Arrow rows to a branch, for tables that are built outside Spark."""

import threading
import warnings

import pyarrow as pa
from pyiceberg.expressions import AlwaysTrue, BooleanExpression

from infra.lake.catalog import Lake

# What warnings are shown is one setting of the whole process, and tables are built side by side.
_one_at_a_time = threading.Lock()


def replace_rows(
    lake: Lake, name: str, branch: str, rows: pa.Table, row_filter: BooleanExpression | None = None
) -> None:
    """Replace the rows a filter picks (default: all) by new ones; columns are matched by name."""
    table = lake.table(name)
    schema = table.schema().as_arrow()
    with _one_at_a_time, warnings.catch_warnings():
        # Replacing nothing is how every table starts.
        warnings.filterwarnings("ignore", message="Delete operation did not match any records")
        table.overwrite(
            rows.select(schema.names).cast(schema),
            overwrite_filter=AlwaysTrue() if row_filter is None else row_filter,
            branch=branch,
        )
