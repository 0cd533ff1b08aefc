import pytest

from spark_jobs.formats.jsonlines import misfit
from spark_jobs.functions.wire_column import WireColumn


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ([WireColumn("a", "data.a", "integer"), WireColumn("b", "data.b", "boolean")], None),
        ([WireColumn("a", "data.a"), WireColumn("b", "data.ab")], None),
        ([WireColumn("a", "a", "timestamp")], "a is declared as timestamp"),
        ([WireColumn("a", "data..a")], "a has the path data..a"),
        ([WireColumn("a", 'data.a"b')], "no key may hold"),
        (
            [WireColumn("b", "data.b"), WireColumn("a", "data", "string")],
            "a is a field, and others are declared inside",
        ),
    ],
)
def test_a_column_that_no_json_could_hold_is_refused(columns: list[WireColumn], why: str | None) -> None:
    found = misfit(columns, {})

    assert found is None if why is None else why in (found or "")
