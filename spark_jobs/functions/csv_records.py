"""Delimited text objects as records: every physical record is kept, sound ones parsed, bad ones with their bytes.

Strict RFC 4180, judged on bytes, so that nothing is guessed, padded or dropped. LF and CRLF end a record, a byte order
mark is skipped, blank lines are no records, an empty field is null.
"""

from functools import partial

from pyspark.sql import DataFrame

from spark_jobs.functions.csv_decode import CsvFormat, decode_object
from spark_jobs.functions.object_records import read_objects


def read_csv_records(objects: DataFrame, *, layout: CsvFormat) -> DataFrame:
    """Read every physical record of CSV objects; gzip is known by its first bytes.

    `objects`: object_sha256, object_name, path, received_at. Returns a row per record: object_sha256, object_name,
    received_at, position (physical line, 1-based; 0 for an unreadable object), original (its bytes without line end),
    problem (null or a reason), fields (struct of the columns of `layout`, strings; null with a problem) and extra (the
    columns not among them; null if none). An object that cannot be read at all is one record. Raises OSError where
    storage fails.
    """
    return read_objects(objects, names=layout.columns, decode=partial(decode_object, layout=layout))
