"""Arrow tables as frames whose comparisons are exact."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pytest

from expectations.pandas_rows import to_pandas


def _series(values: Sequence[object], kind: pa.DataType) -> pd.Series:
    return to_pandas(pa.table({"x": pa.array(values, kind)}))["x"]


def test_whole_numbers_stay_whole_beside_nulls() -> None:
    beyond_doubles = 2**53 + 1

    series = _series([beyond_doubles, None], pa.int64())

    assert series.dtype == "Int64"
    assert series[0] == beyond_doubles


@pytest.mark.parametrize("kind", [pa.int16(), pa.int32(), pa.int64()])
def test_whole_numbers_without_nulls_are_plain(kind: pa.DataType) -> None:
    assert _series([1, 2], kind).dtype == "int64"


@pytest.mark.parametrize("amount", ["0.0100", "0.1000", "-0.3000", "1999999999.9999", "99999999999.9999"])
def test_a_decimal_equals_the_limit_as_a_contract_writes_it(amount: str) -> None:
    assert _series([Decimal(amount)], pa.decimal128(18, 4))[0] == float(amount)


def test_every_cent_comes_out_as_the_nearest_double() -> None:
    cents = [Decimal(number).scaleb(-4) for number in range(-20_000, 20_000)]

    assert list(_series(cents, pa.decimal128(18, 4))) == [float(cent) for cent in cents]


def test_decimals_too_long_for_a_double_stay_decimals() -> None:
    long = Decimal("12345678901234.5678")

    assert list(_series([long, Decimal("0.0001")], pa.decimal128(18, 4))) == [long, Decimal("0.0001")]


def test_missing_decimals_are_missing() -> None:
    series = _series([Decimal("1.5"), None], pa.decimal128(18, 4))

    assert list(series.isna()) == [False, True]
    assert series[0] == 1.5


def test_decimals_survive_slices_and_chunks() -> None:
    whole = pa.chunked_array([[Decimal("1.1"), Decimal("2.2")], [Decimal("3.3")]], pa.decimal128(18, 4))

    frame = to_pandas(pa.table({"x": whole}).slice(1))

    assert list(frame["x"]) == [2.2, 3.3]


@pytest.mark.parametrize("precision", [18, 38])
def test_decimals_survive_a_slice_of_one_chunk(precision: int) -> None:
    whole = pa.table({"x": pa.array([Decimal("1.1"), Decimal("2.2")], pa.decimal128(precision, 4))})

    assert list(to_pandas(whole.slice(1))["x"]) == [2.2]


def test_a_column_of_nothing_but_missing_decimals_is_missing() -> None:
    assert list(_series([None], pa.decimal128(18, 4)).isna()) == [True]


def test_days_are_moments() -> None:
    series = _series([date(2011, 1, 4)], pa.date32())

    assert list(series) == [pd.Timestamp("2011-01-04")]
    assert series.dtype == "datetime64[ns]"


def test_days_beyond_the_range_of_nanoseconds_are_kept() -> None:
    assert _series([date(9999, 12, 31)], pa.date32())[0].year == 9999


def test_instants_keep_their_zone() -> None:
    moment = datetime(2011, 1, 4, 10, tzinfo=UTC)

    assert _series([moment], pa.timestamp("us", tz="UTC"))[0] == moment


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["a", None], pa.string()),
        ([True, None], pa.bool_()),
        ([b"\xff", None], pa.binary()),
        ([["a"], None], pa.list_(pa.string())),
        ([{"a": 1}, None], pa.struct([("a", pa.int64())])),
    ],
)
def test_what_is_missing_stays_missing(values: list[object], kind: pa.DataType) -> None:
    assert list(_series(values, kind).isna()) == [False, True]


def test_no_rows_make_an_empty_frame_with_all_columns() -> None:
    schema = pa.schema([("a", pa.decimal128(18, 4)), ("b", pa.int64()), ("c", pa.date32()), ("d", pa.string())])

    frame = to_pandas(schema.empty_table())

    assert list(frame.columns) == ["a", "b", "c", "d"]
    assert len(frame) == 0
