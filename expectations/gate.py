"""Runs a contract's rules on rows that are about to be published; in doubt, a rule counts as broken.

    rows ─▶ no rows? ─▶ suite on pandas or Spark, all metrics in one go ─▶ CheckResult for each rule
                                                        closed days ─▶ weekday volume ─┘

Results carry counts, and values only of columns that the contract calls public.
"""

import logging
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from expectations.contract import Contract
from expectations.pandas_rows import to_pandas
from expectations.quality_rules import LIBRARY, WEEKDAY_VOLUME, Rule, Severity, row_count_bounds, weekday_volume
from expectations.suite import Engine, build_suite
from expectations.volume import compare_weekdays

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite
    from great_expectations.core.expectation_validation_result import ExpectationValidationResult
    from pyspark.sql import DataFrame as SparkRows

    Rows = pd.DataFrame | SparkRows

__all__ = ["CheckResult", "evaluate", "to_pandas"]

COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0, "exclude_unexpected_values": True}
CRASHED = "crashed with"
SHOWN_DAYS = 5
# The context that the library works in, and the level of its log, are the whole process's.
_ONE_AT_A_TIME = Lock()


@dataclass(frozen=True)
class CheckResult:
    """One rule and what was seen; counts are of rows, None where the rule is not about single rows."""

    name: str
    column: str | None
    severity: Severity
    passed: bool
    observed: str
    unexpected_count: int | None = None
    unexpected_percent: float | None = None

    @property
    def closes_gate(self) -> bool:
        """Whether this result alone keeps the rows from publication."""
        return not self.passed and self.severity == "critical"


def evaluate(
    contract: Contract,
    rows: "Rows",
    *,
    engine: Engine,
    daily_rows: Mapping[date, int] | None = None,
    gated_days: Collection[date] | None = None,
) -> list[CheckResult]:
    """What every rule of the contract says about the rows: a pandas frame (see `to_pandas`) or a Spark DataFrame.

    Without rows only their absence is checked. `daily_rows`, the row counts of closed days, and `gated_days`, those of
    them to judge (default: all), are for weekday volume rules; such a rule fails where there are no counts to judge by.
    A crash of the engine is a failed critical result. Raises ContractError for a contract nothing can be checked by.
    """
    suite = build_suite(contract, engine=engine)
    try:
        with _ONE_AT_A_TIME, _quiet():
            results = [_no_rows(contract)] if _is_empty(rows, engine) else _run(contract, suite, rows, engine)
    except Exception as error:  # noqa: BLE001 - whatever breaks inside the engine, the gate must stay shut
        results = [_crash("quality engine ran to its end", None, type(error).__name__)]
    return results + judge_volumes(contract, daily_rows, gated_days)


def judge_volumes(
    contract: Contract, daily_rows: Mapping[date, int] | None, gated_days: Collection[date] | None
) -> list[CheckResult]:
    """What the weekday volume rules of the contract say, which need counts only."""
    rules = [rule for rule in contract.rules if rule.kind == WEEKDAY_VOLUME]
    return [_weekday_volume(rule, daily_rows, gated_days) for rule in rules]


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps the engine from logging: its messages may quote values."""
    logger = logging.getLogger("great_expectations")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)


def _is_empty(rows: "Rows", engine: Engine) -> bool:
    return cast("SparkRows", rows).isEmpty() if engine == "spark" else len(cast(pd.DataFrame, rows)) == 0


def _no_rows(contract: Contract) -> CheckResult:
    broken = [rule.severity for rule in contract.rules if rule.kind == LIBRARY and _needs_rows(rule)]
    severity: Severity = "critical" if "critical" in broken or not broken else "warning"
    return CheckResult("rows_present", None, severity, not broken, "0 rows")


def _needs_rows(rule: Rule) -> bool:
    return rule.quality.metric == "rowCount" and (row_count_bounds(rule)[0] or 0) > 0


def _run(contract: Contract, suite: "ExpectationSuite", rows: "Rows", engine: Engine) -> list[CheckResult]:
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(enable=False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    sources = context.data_sources
    # Caching the rows costs more than it saves, since each metric reads few columns; and nobody would free them.
    source = sources.add_spark("rows", persist=False) if engine == "spark" else sources.add_pandas("rows")
    batch = source.add_dataframe_asset("rows").add_batch_definition_whole_dataframe("rows")
    validation = gx.ValidationDefinition(name=suite.name, data=batch, suite=context.suites.add(suite))
    outcome = context.validation_definitions.add(validation).run(
        batch_parameters={"dataframe": rows}, result_format=COUNTS_ONLY
    )
    # The engine puts what it could not evaluate first; a report follows the contract.
    order = [cast(Any, expectation.meta)["name"] for expectation in suite.expectations]
    results = [_to_result(contract, result, frozenset(rows.columns)) for result in outcome.results]
    results.sort(key=lambda result: order.index(result.name))
    if len(results) != len(suite.expectations) or not results:
        observed = f"{len(results)} of {len(suite.expectations)} rules evaluated"
        results.append(CheckResult("every rule is evaluated", None, "critical", False, observed))
    return results


def _to_result(contract: Contract, result: "ExpectationValidationResult", present: frozenset[str]) -> CheckResult:
    configuration = cast(Any, result.expectation_config)
    name, column = configuration.meta["name"], configuration.kwargs.get("column")
    if absent := _columns_of(configuration.kwargs) - present:
        observed = f"there is no column {', '.join(sorted(absent))}"
        return CheckResult(name, column, configuration.meta["severity"], False, observed)
    if crash := _raised(result.exception_info):
        return _crash(name, column, crash)
    counts = result.result
    return CheckResult(
        name=name,
        column=column,
        severity=configuration.meta["severity"],
        passed=bool(result.success),
        observed=_observed(contract, configuration.kwargs, counts),
        unexpected_count=counts.get("unexpected_count"),
        unexpected_percent=counts.get("unexpected_percent"),
    )


def _crash(name: str, column: str | None, error: str) -> CheckResult:
    # The error's type only: its message may quote rows.
    return CheckResult(name, column, "critical", False, f"{CRASHED} {error}")


def _raised(info: Mapping[str, Any] | None) -> str | None:
    """Type of the error that a check ended in, if it did; the engine tells of one error, or of one for each metric."""
    infos = [info] if info and "raised_exception" in info else list((info or {}).values())
    for one in infos:
        if isinstance(one, Mapping) and one.get("raised_exception"):
            lines = [line for line in str(one.get("exception_traceback")).splitlines() if line[:1].isalpha()]
            errors = [line.split(":")[0] for line in lines if ":" in line and " " not in line.split(":")[0]]
            return errors[0].split(".")[-1] if errors else "an error"
    return None


def _observed(contract: Contract, kwargs: Mapping[str, Any], counts: Mapping[str, Any]) -> str:
    if "unexpected_count" in counts:
        return f"{counts['unexpected_count']} of {counts['element_count']} rows break the rule"
    mismatched = (counts.get("details") or {}).get("mismatched", {})
    if "column_set" in kwargs:
        return "; ".join(f"{kind}: {', '.join(map(str, names))}" for kind, names in mismatched.items()) or "as declared"
    public = {column.name for column in contract.columns if column.classification == "public"}
    if not _columns_of(kwargs) <= public:
        return "withheld, since the column is not public"
    return str(counts.get("observed_value"))


def _columns_of(kwargs: Mapping[str, Any]) -> set[str]:
    named = [kwargs[name] for name in ("column", "column_A", "column_B") if name in kwargs]
    return {*named, *kwargs.get("column_list", [])}


def _weekday_volume(
    rule: Rule, daily_rows: Mapping[date, int] | None, gated_days: Collection[date] | None
) -> CheckResult:
    tolerance, weeks = weekday_volume(rule)
    name = rule.quality.name or f"rows within {tolerance:.0%} of the same weekday's median of {weeks} weeks"
    if daily_rows is None:
        return CheckResult(name, None, rule.severity, False, "no daily row counts to judge by")
    volumes = compare_weekdays(daily_rows, daily_rows if gated_days is None else gated_days, weeks=weeks)
    broken = [volume for volume in volumes if not volume.is_within(tolerance)]
    shown = [f"{v.day}: {v.rows} rows, usually {v.usual_rows:g}" for v in broken[:SHOWN_DAYS]]
    observed = "; ".join([f"{len(broken)} of {len(volumes)} compared days out of range", *shown])
    return CheckResult(name, None, rule.severity, not broken, observed)
