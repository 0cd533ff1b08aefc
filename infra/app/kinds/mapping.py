"""From the records of a reader to the rows of `raw.<source>`: the source's own mapping, then the common envelope."""

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from expectations.contract import Contract
from expectations.record_schema import payload_columns, required_columns

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def enveloped(contract: Contract, targets: Mapping[str, Contract], records: "DataFrame") -> "DataFrame":
    """The rows for a source's records, a row for a row; `targets` are the contracts of the events it feeds."""
    from spark_jobs.functions.envelope import to_envelope

    form, first_day = contract.source, contract.first_day
    assert form is not None and first_day is not None, "the contract of a feed says so"  # noqa: PT018, S101
    mapping = getattr(importlib.import_module(f"spark_jobs.{contract.name}"), contract.short_name)
    return to_envelope(
        mapping(records, timezone=form.timezone, currency=form.currency),
        payloads={name: payload_columns(targets[name]) for name in form.targets},
        required={name: required_columns(targets[name]) for name in form.targets},
        namespace=form.namespace,
        timezone=form.timezone,
        first_day=first_day,
    )
