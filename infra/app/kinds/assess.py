"""From the quality engine's results to the loop's checks."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

import pyarrow as pa

from expectations.contract import Contract
from expectations.gate import CheckResult, evaluate, judge_volumes, to_pandas
from infra.loop.dataset import Assessment, Check

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def assess_arrow(
    contract: Contract,
    rows: pa.Table,
    source: str | None,
    daily_rows: Mapping[date, int] | None = None,
    gated_days: frozenset[date] = frozenset(),
) -> Assessment:
    """Assess rows that fit into memory, on pandas."""
    results = evaluate(contract, to_pandas(rows), engine="pandas", daily_rows=daily_rows, gated_days=gated_days)
    return Assessment(source, tuple(map(_check, results)))


def assess_spark(
    contract: Contract,
    rows: "DataFrame",
    source: str | None,
    daily_rows: Mapping[date, int] | None = None,
    gated_days: frozenset[date] = frozenset(),
) -> Assessment:
    """Assess rows of any number, on Spark."""
    results = evaluate(contract, rows, engine="spark", daily_rows=daily_rows, gated_days=gated_days)
    return Assessment(source, tuple(map(_check, results)))


def assess_volumes(
    contract: Contract, daily_rows: Mapping[date, int], gated_days: frozenset[date]
) -> tuple[Check, ...]:
    """Assess how many rows days have, be they none."""
    return tuple(map(_check, judge_volumes(contract, daily_rows, gated_days)))


def _check(result: CheckResult) -> Check:
    return Check(result.name, result.column, result.severity, result.passed, result.observed)
