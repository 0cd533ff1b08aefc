"""What platforms tell of people alike: the hashed hints at who has an account, and when something was done."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_jobs.functions.fields import Field
from spark_jobs.functions.strict import SHA256, exactly

HINTS = ("phone", "email", "device")


def hint_fields(called: str) -> list[Field]:
    """Return the hashed hints of an account; `called` is how the platform calls one, with {} where phone stands."""
    form = "64 hexadecimal digits in lower case"
    names = {hint: f"{hint}_sha256" for hint in HINTS}
    return [
        Field(name, called.format(hint), exactly(f"fields.{name}", SHA256, "string"), form, reason="invalid_hint")
        for hint, name in names.items()
    ]


def with_moments(typed: DataFrame, *names: str) -> DataFrame:
    """Add occurred_at under the names that the tables of some targets have for it."""
    return typed.withColumns({name: F.col("occurred_at") for name in names})
