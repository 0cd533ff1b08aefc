"""JSON lines objects as records: every line is kept, sound ones parsed, bad ones with their bytes.

Strict RFC 8259, so that nothing is guessed, converted or dropped. LF and CRLF end a record, a byte order mark is
skipped, blank lines are no records, an absent field is null.
"""

from collections.abc import Sequence
from functools import partial

from pyspark.sql import DataFrame

from spark_jobs.functions.json_decode import decode_object, decode_page
from spark_jobs.functions.object_records import read_objects
from spark_jobs.functions.wire_column import WireColumn


def read_json_records(objects: DataFrame, *, columns: Sequence[WireColumn]) -> DataFrame:
    """Read every line of JSON lines objects; gzip is known by its first bytes.

    `objects`: object_sha256, object_name, path, received_at. Returns a row per record: object_sha256, object_name,
    received_at, position (physical line, 1-based; 0 for an unreadable object), original (its bytes without line end,
    the first 16 MiB of them), problem (null or a reason), fields (struct of the names of `columns`, strings, a number
    as it was written; null with a problem) and extra (unknown keys by dotted path, as JSON; null if none). An object
    that cannot be read at all is one record. Raises OSError where storage fails.
    """
    names = [column.name for column in columns]
    return read_objects(objects, names=names, decode=partial(decode_object, columns=tuple(columns)))


def read_page_records(objects: DataFrame, *, columns: Sequence[WireColumn], path: str) -> DataFrame:
    """Read every item of pages whose items stand at a dotted path, as `read_json_records` does lines.

    The position is the item's place on the page from 1; 0 for an object that is no such page.
    """
    names = [column.name for column in columns]
    return read_objects(objects, names=names, decode=partial(decode_page, columns=tuple(columns), path=path))
