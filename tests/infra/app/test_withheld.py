"""What engines say of data is not repeated; what they say of code is."""

import duckdb
import pytest

from infra.app.withheld import without_quotes


def test_a_value_that_duckdb_quotes_is_left_out() -> None:
    with pytest.raises(duckdb.Error) as raised:
        duckdb.sql("select cast(account as integer) from (values ('account 17850')) as t(account)").fetchall()

    told = without_quotes(
        f"marts.a was not built: int_b: Runtime Error in model int_b (models/int_b.sql) {raised.value}"
    )

    assert "17850" in str(raised.value)
    assert told == (
        "marts.a was not built: int_b: Runtime Error in model int_b (models/int_b.sql) Conversion Error "
        "(its words may quote data and are in the log only)"
    )


def test_what_is_wrong_with_the_code_is_told() -> None:
    with pytest.raises(duckdb.Error) as raised:
        duckdb.sql("select no_such_column from (values (1)) as t(a)").fetchall()

    assert without_quotes(str(raised.value)) == str(raised.value)


@pytest.mark.parametrize("text", ["", "1 of 337 rows break the rule", "OSError (its traceback is in the log)"])
def test_counts_and_names_are_told(text: str) -> None:
    assert without_quotes(text) == text
