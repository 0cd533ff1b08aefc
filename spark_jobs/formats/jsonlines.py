"""A JSON object on each line, `format: {type: jsonlines}`; a column's path leads through objects, `data.product_id`."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from spark_jobs.functions.wire_column import WireColumn

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

UNIT = "line"
HAS_HEADER = False
OPTIONS: frozenset[str] = frozenset()
NO_KEY = re.compile(r'["\\\x00-\x1f]')
"""What is written as an escape in a key: such a key is kept with what is unknown, and cannot be declared."""
TYPES = ("string", "integer", "number", "boolean")


def misfit(columns: Sequence[WireColumn], options: Mapping[str, object]) -> str | None:
    """Return why these columns cannot be delivered in this form, if so."""
    for column in columns:
        if column.type not in TYPES:
            return f"column {column.name} is declared as {column.type}, and a field is one of {', '.join(TYPES)}"
        if not all(column.path.split(".")):
            return f"column {column.name} has the path {column.path}, and a key in it is empty"
        if found := NO_KEY.search(column.path):
            return f"column {column.name} has the path {column.path}, and no key may hold {found[0]!r}"
        if any(other.path.startswith(f"{column.path}.") for other in columns):
            return f"column {column.name} is a field, and others are declared inside it"
    return None


def read_records(
    objects: "DataFrame",
    *,
    columns: Sequence[WireColumn],
    options: Mapping[str, object],
) -> "DataFrame":
    """Read every line of the objects, see `read_json_records`."""
    from spark_jobs.functions.json_records import read_json_records

    return read_json_records(objects, columns=columns)
