from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import SparkSession

from spark_jobs.functions.fields import Field, form_rules, text, typed
from spark_jobs.functions.strict import exactly

STARS, FEE = r"^[1-5]\z", r"^[0-9]+\.[0-9]{2}\z"
SENT = ("item_title", "rating", "fee_yuan", "bonus")


def fields() -> list[Field]:
    """A text, a number with a name of its own, and two amounts with one reason."""
    rating, fee = exactly("fields.rating", STARS, "int"), exactly("fields.fee_yuan", FEE, "decimal(18,4)")
    return [
        text("title", "item.title", delivered="item_title"),
        Field("rating", "review.rating", rating, "a whole number from 1 to 5"),
        Field("fee", "feeYuan", fee, "in yuan", "fee_yuan", "invalid_money"),
        Field("bonus", "bonus", exactly("fields.bonus", FEE, "decimal(18,4)"), "in yuan", reason="invalid_money"),
    ]


@pytest.fixture(scope="module")
def found(spark: SparkSession) -> list[Any]:
    """Records with the typed columns and, by the reason of each rule, whether they break it."""
    sent = [("茶", "5", "12.30", "1.00"), ("", "", None, None), (None, "6", "12", "1.00"), (None, "x", "1.00", "much")]
    records = spark.createDataFrame(
        [(place, one) for place, one in enumerate(sent)],
        f"position int, fields struct<{', '.join(f'{name}: string' for name in SENT)}>",
    )
    broken = [rule.broken.alias(rule.reason) for rule in form_rules(fields())]
    return sorted(typed(records, fields()).select("*", *broken).collect(), key=lambda row: row["position"])


def test_a_record_has_a_typed_column_for_each_field_beside_its_own(found: list[Any]) -> None:
    first = found[0]

    assert (first["title"], first["rating"], first["fee"], first["bonus"]) == ("茶", 5, Decimal("12.3"), Decimal(1))
    assert first["fields"]["item_title"] == "茶"


def test_a_field_that_is_empty_or_absent_is_null_and_breaks_no_rule_on_its_form(found: list[Any]) -> None:
    empty = found[1]

    assert (empty["title"], empty["rating"], empty["fee"]) == (None, None, None)
    assert (empty["invalid_rating"], empty["invalid_money"]) == (False, False)


def test_what_is_delivered_in_another_form_is_null_and_breaks_the_rule_of_its_field(found: list[Any]) -> None:
    other = found[2]

    assert (other["rating"], other["fee"]) == (None, None)
    assert (other["invalid_rating"], other["invalid_money"]) == (True, True)


def test_fields_with_one_reason_have_one_rule_that_each_can_break(found: list[Any]) -> None:
    assert [(rule.reason, rule.text) for rule in form_rules(fields())] == [
        ("invalid_rating", "review.rating is a whole number from 1 to 5"),
        ("invalid_money", "feeYuan is in yuan; bonus is in yuan"),
    ]
    assert (found[3]["fee"], found[3]["bonus"], found[3]["invalid_money"]) == (1, None, True)
