"""The quality rules of a contract: which kinds there are, and what the library rules of the standard mean to the gate.

    type: library, metric: rowCount | nullValues | duplicateValues | invalidValues
    type: custom, engine: great-expectations, implementation: {type: expect_..., kwargs: {...}}
    type: custom, engine: guanxi, implementation: {check: weekdayVolume, tolerance: 0.5, weeks: 4}
    type: text    (prose, nothing to check)

Every rule that is checked has a severity: `critical` closes the gate, `warning` is reported. A rule of a kind that the
gate cannot check is an error, since a rule that is silently left out counts as kept.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

from open_data_contract_standard.model import DataQuality, SchemaObject

from expectations.contract_error import ContractError
from expectations.volume import LEAST_HISTORY

Severity = Literal["critical", "warning"]

LIBRARY, EXPECTATION, WEEKDAY_VOLUME, PROSE = "library", "expectation", "weekdayVolume", "prose"
_EXPECTATION_ENGINES = frozenset({"great-expectations", "greatexpectations"})
_PROSE_FIELDS = frozenset(
    {"id", "name", "description", "dimension", "businessImpact", "tags", "authoritativeDefinitions"}
)


@dataclass(frozen=True)
class Rule:
    """One quality rule where it stands: at a column, or (`column=None`) at the table."""

    path: Path
    column: str | None
    quality: DataQuality

    @property
    def place(self) -> str:
        """The place as error messages name it."""
        where = f"column {self.column}" if self.column else "table"
        return f"{where}, quality rule {self.quality.name or self.quality.metric or self.quality.type}"

    @property
    def kind(self) -> str:
        """Which of the four kinds it is; raises ContractError for any other."""
        quality, engine = self.quality, (self.quality.engine or "").lower()
        implementation = quality.implementation if isinstance(quality.implementation, dict) else {}
        if quality.type == "text":
            return PROSE
        if quality.metric is not None and quality.type in (None, "library"):
            return LIBRARY
        if quality.type == "custom" and engine in _EXPECTATION_ENGINES and implementation.get("type"):
            return EXPECTATION
        if quality.type == "custom" and engine == "guanxi" and implementation.get("check") == WEEKDAY_VOLUME:
            return WEEKDAY_VOLUME
        remedy = "Use a library metric, a great-expectations type, guanxi's weekdayVolume or type: text"
        raise ContractError(self.path, self.place, "the gate does not know this kind of rule", remedy)

    @property
    def severity(self) -> Severity:
        """What a breach does; raises ContractError where the contract does not say."""
        if self.quality.severity not in get_args(Severity):
            rule = f"unknown severity {self.quality.severity}"
            raise ContractError(self.path, self.place, rule, f"Use one of {', '.join(get_args(Severity))}")
        return cast(Severity, self.quality.severity)

    def settings(self) -> dict[str, Any]:
        """Everything of the rule that decides whether rows keep it, without prose."""
        return {k: v for k, v in self.quality.model_dump(exclude_none=True).items() if k not in _PROSE_FIELDS}


def rules_of(path: Path, table: SchemaObject) -> Iterator[Rule]:
    """Every rule of a table, then those of its columns, in the order of the file."""
    for quality in table.quality or []:
        yield Rule(path, None, quality)
    for column in table.properties or []:
        for quality in column.quality or []:
            yield Rule(path, column.name, quality)


def check_rules(path: Path, table: SchemaObject) -> None:
    """Raises ContractError for the first rule that cannot be checked as it is written."""
    for rule in rules_of(path, table):
        if rule.kind == PROSE:
            continue
        _ = rule.severity
        if rule.kind == LIBRARY:
            library_expectation(rule)
        if rule.kind == WEEKDAY_VOLUME:
            weekday_volume(rule)


def weekday_volume(rule: Rule) -> tuple[float, int]:
    """Tolerance (a share of the median) and weeks of a weekday volume rule."""
    implementation = cast(Mapping[str, Any], rule.quality.implementation)
    tolerance, weeks = implementation.get("tolerance"), implementation.get("weeks")
    is_tolerance = isinstance(tolerance, int | float) and tolerance > 0
    if rule.column or not is_tolerance or not isinstance(weeks, int) or weeks < LEAST_HISTORY:
        words = f"weekdayVolume stands at the table, with a tolerance above 0 and at least {LEAST_HISTORY} weeks"
        raise ContractError(rule.path, rule.place, words, "Write {check: weekdayVolume, tolerance: 0.5, weeks: 4}")
    return float(cast(float, tolerance)), weeks


def library_expectation(rule: Rule) -> dict[str, Any]:
    """A library rule as type and kwargs of one expectation; raises ContractError for what has no counterpart."""
    translate = _LIBRARY.get(str(rule.quality.metric))
    if translate is None:
        remedy = f"Use one of {', '.join(_LIBRARY)}"
        raise ContractError(rule.path, rule.place, f"unknown metric {rule.quality.metric}", remedy)
    return translate(rule)


def row_count_bounds(rule: Rule) -> tuple[int | None, int | None]:
    """Least and greatest number of rows that a rowCount rule allows, both inclusive; None is no bound."""
    (operator, value), *more = _operators(rule)
    if more or operator not in _ROW_COUNT_BOUNDS or rule.column or rule.quality.unit not in (None, "rows"):
        words = "rowCount stands at the table and has one operator, in rows"
        raise ContractError(rule.path, rule.place, words, f"Use one of {', '.join(_ROW_COUNT_BOUNDS)}")
    return _ROW_COUNT_BOUNDS[operator](value)


_ROW_COUNT_BOUNDS: dict[str, Callable[[Any], tuple[int | None, int | None]]] = {
    "mustBe": lambda value: (value, value),
    "mustBeGreaterThan": lambda value: (value + 1, None),
    "mustBeGreaterOrEqualTo": lambda value: (value, None),
    "mustBeLessThan": lambda value: (None, value - 1),
    "mustBeLessOrEqualTo": lambda value: (None, value),
    "mustBeBetween": lambda value: (value[0], value[1]),
}


def _row_count(rule: Rule) -> dict[str, Any]:
    least, greatest = row_count_bounds(rule)
    bounds = {"min_value": least, "max_value": greatest}
    kwargs = {name: bound for name, bound in bounds.items() if bound is not None}
    return {"type": "expect_table_row_count_to_be_between", "kwargs": kwargs}


def _null_values(rule: Rule) -> dict[str, Any]:
    return {"type": "expect_column_values_to_not_be_null", "kwargs": _column_kwargs(rule)}


def _duplicate_values(rule: Rule) -> dict[str, Any]:
    together = (rule.quality.arguments or {}).get("properties")
    if rule.column is None and isinstance(together, list) and together:
        return {"type": "expect_compound_columns_to_be_unique", "kwargs": {"column_list": together} | _share(rule)}
    return {"type": "expect_column_values_to_be_unique", "kwargs": _column_kwargs(rule)}


def _invalid_values(rule: Rule) -> dict[str, Any]:
    arguments = rule.quality.arguments or {}
    if set(arguments) == {"validValues"}:
        kwargs = _column_kwargs(rule) | {"value_set": arguments["validValues"]}
        return {"type": "expect_column_values_to_be_in_set", "kwargs": kwargs}
    if set(arguments) == {"pattern"}:
        kwargs = _column_kwargs(rule) | {"regex": arguments["pattern"]}
        return {"type": "expect_column_values_to_match_regex", "kwargs": kwargs}
    words = "invalidValues needs exactly one argument"
    raise ContractError(rule.path, rule.place, words, "Give arguments: {validValues: [...]} or {pattern: ...}")


_LIBRARY: dict[str, Callable[[Rule], dict[str, Any]]] = {
    "rowCount": _row_count,
    "nullValues": _null_values,
    "duplicateValues": _duplicate_values,
    "invalidValues": _invalid_values,
}


def _column_kwargs(rule: Rule) -> dict[str, Any]:
    if rule.column is None:
        words = f"{rule.quality.metric} is about a column"
        raise ContractError(rule.path, rule.place, words, "Move the rule to the column")
    return {"column": rule.column} | _share(rule)


def _share(rule: Rule) -> dict[str, float]:
    """The share of rows that must be right: all of them, unless the rule allows a percentage that is not."""
    operators = _operators(rule)
    if operators == [("mustBe", 0)]:
        return {}
    (operator, value), *more = operators
    if more or operator != "mustBeLessOrEqualTo" or rule.quality.unit != "percent" or not 0 <= value <= 100:
        remedy = "Write mustBe: 0, or mustBeLessOrEqualTo: 5 with unit: percent"
        raise ContractError(rule.path, rule.place, "the gate allows no such bound here", remedy)
    return {"mostly": round(1 - value / 100, 6)}


def _operators(rule: Rule) -> list[tuple[str, Any]]:
    operators = [(k, v) for k, v in rule.quality.model_dump(exclude_none=True).items() if k.startswith("must")]
    if not operators:
        raise ContractError(rule.path, rule.place, "a library rule compares with something", "Add, say, mustBe: 0")
    return operators
