"""Arrow tables as pandas frames in which the quality engine's comparisons are exact and fast.

| Arrow             | pandas                    | because                                                              |
|-------------------|---------------------------|----------------------------------------------------------------------|
| integers          | int64; Int64 where null   | the default turns a column with nulls to doubles                     |
| decimal           | double if that is exact   | limits in contracts are doubles, and Decimal("0.01") < 0.01          |
| date, naive time  | datetime64[ns]            | in any other unit the engine compares row by row                     |
| string            | string on Arrow           | Python strings cost far more to convert, filter and hash             |
| struct, list, map | the Arrow type            | nobody looks inside, so nothing is unpacked                          |
"""

from collections.abc import Callable
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

EXACT_DIGITS = 15
"""Decimals of so many digits come back unchanged from a double (IEEE 754)."""


def to_pandas(rows: pa.Table) -> pd.DataFrame:
    """The same rows as a frame fit for the gate; a decimal beyond 15 digits keeps its whole column as `Decimal`."""
    return pd.DataFrame({name: _to_series(rows.column(name)) for name in rows.column_names}, copy=False)


def _to_series(column: pa.ChunkedArray) -> pd.Series:
    convert = next((convert for is_kind, convert in _CONVERSIONS if is_kind(column.type)), _as_is)
    return pd.Series(convert(column))


def _as_is(column: pa.ChunkedArray) -> object:
    return column.to_pandas()


def _integers(column: pa.ChunkedArray) -> object:
    # A double would round long ids; the engine compares int64 in one step and any other width row by row.
    wide = column.cast(pa.int64())
    return wide.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get) if wide.null_count else wide.to_pandas()


def _booleans(column: pa.ChunkedArray) -> object:
    return column.to_pandas(types_mapper={pa.bool_(): pd.BooleanDtype()}.get if column.null_count else None)


def _strings(column: pa.ChunkedArray) -> object:
    return column.to_pandas(types_mapper={column.type: pd.StringDtype("pyarrow")}.get)


def _arrow(column: pa.ChunkedArray) -> object:
    return column.to_pandas(types_mapper=pd.ArrowDtype)


def _moments(column: pa.ChunkedArray) -> object:
    try:
        return column.cast(pa.timestamp("ns")).to_pandas()
    except pa.ArrowInvalid:
        # Beyond the year 2262; slower to compare, yet right.
        return column.cast(pa.timestamp("us")).to_pandas()


def _decimals(column: pa.ChunkedArray) -> object:
    scale = column.type.scale
    bound = Decimal(10) ** (EXACT_DIGITS - scale)
    greatest, least = pc.max(column).as_py(), pc.min(column).as_py()
    if greatest is not None and (greatest >= bound or least <= -bound):
        return column.to_pandas()
    # Arrow's own cast multiplies by a rounded power of ten; dividing whole numbers rounds once, so it is exact.
    whole = column.cast(pa.decimal128(38, scale)).combine_chunks()
    low_words = np.frombuffer(whole.buffers()[1], dtype=np.int64)[::2][whole.offset : whole.offset + len(whole)]
    values = low_words / 10.0**scale
    return pd.Series(np.where(pc.is_null(whole).to_numpy(zero_copy_only=False), np.nan, values))


_CONVERSIONS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.ChunkedArray], object]], ...] = (
    (pa.types.is_integer, _integers),
    (pa.types.is_boolean, _booleans),
    (pa.types.is_decimal, _decimals),
    (pa.types.is_date, _moments),
    (lambda kind: pa.types.is_timestamp(kind) and kind.tz is None, _moments),
    (lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind), _strings),
    (lambda kind: pa.types.is_nested(kind) or pa.types.is_binary(kind), _arrow),
)
