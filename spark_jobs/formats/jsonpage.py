"""A page of an interface as it was answered, `format: {type: jsonpage, items: result.items}`; each item is a record."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from spark_jobs.formats import jsonlines
from spark_jobs.functions.wire_column import WireColumn

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

UNIT = "item"
HAS_HEADER = False
OPTIONS = frozenset({"items"})


def misfit(columns: Sequence[WireColumn], options: Mapping[str, object]) -> str | None:
    """Return why these columns cannot be delivered in this form, if so."""
    items = options.get("items")
    if not isinstance(items, str) or not all(items.split(".")):
        return f"items is the path of the list of items on a page, such as result.items, not {items}"
    return jsonlines.misfit(columns, options)


def read_records(objects: "DataFrame", *, columns: Sequence[WireColumn], options: Mapping[str, object]) -> "DataFrame":
    """Read every item of the pages, see `read_page_records`."""
    from spark_jobs.functions.json_records import read_page_records

    return read_page_records(objects, columns=columns, path=str(options["items"]))
