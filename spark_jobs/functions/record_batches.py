"""The columns that the decoder of every format makes of an object, as Arrow has them."""

from collections.abc import Sequence

import pyarrow as pa

UNREADABLE_OBJECT = "unreadable_object"
BATCH_BYTES = 1 << 21
BYTES_KEPT = 1 << 24  # of a record that is no record at all; the landing object keeps the rest
COLUMNS = ["position", "original", "problem", "fields", "extra"]
EXTRA_TYPE = pa.map_(pa.string(), pa.string())


def fields_type(names: Sequence[str]) -> pa.DataType:
    """Return the struct of the declared fields, all strings."""
    return pa.struct([(name, pa.string()) for name in names])


def unreadable_object(stored: bytes, fields: pa.DataType, reason: str = UNREADABLE_OBJECT) -> pa.RecordBatch:
    """Make the one record of an object that cannot be read: position 0, the stored bytes as they came."""
    columns = [
        pa.array([0], pa.int64()),
        pa.array([stored[:BYTES_KEPT]], pa.binary()),
        pa.array([reason]),
        pa.nulls(1, fields),
        pa.nulls(1, EXTRA_TYPE),
    ]
    return pa.RecordBatch.from_arrays(columns, names=COLUMNS)
