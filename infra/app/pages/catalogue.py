"""The contract catalogue: one form for what ODCS contracts and dbt models promise of a dataset. Pure."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from open_data_contract_standard.model import SchemaProperty, ServiceLevelAgreementProperty

from expectations.contract import Contract
from expectations.iceberg_schema import type_names
from expectations.quality_rules import EXPECTATION, LIBRARY, PROSE, WEEKDAY_VOLUME, Rule, weekday_volume
from infra.app.dbt_project import MartSpec
from infra.app.pages.graph import layer_of

UNITS: Final = {"d": "day", "h": "hour", "m": "minute", "min": "minute", "w": "week"}


@dataclass(frozen=True)
class ColumnEntry:
    """One column; the unit stands in the description, `limits` are the values its contract allows."""

    name: str
    type: str
    description: str
    classification: str
    required: bool
    is_key: bool
    limits: tuple[str, ...] = ()


@dataclass(frozen=True)
class RuleEntry:
    """One quality rule: its name, what it is about (a column, or nothing for the table), and what it asks."""

    name: str
    column: str | None
    severity: str
    asks: str


@dataclass(frozen=True)
class Entry:
    """What one dataset promises; `facts` are further terms of it by name."""

    name: str
    purpose: str
    grain: str
    owner: str
    freshness: tuple[str, ...]
    columns: tuple[ColumnEntry, ...]
    key: tuple[str, ...]
    rules: tuple[RuleEntry, ...]
    facts: Mapping[str, str]
    is_feed: bool = False
    is_mart: bool = False

    @property
    def layer(self) -> str:
        """The layer it lies in."""
        return layer_of(self.name)


def of_contract(contract: Contract) -> Entry:
    """The entry of a dataset with an ODCS contract; of a feed the delivered columns are described."""
    return Entry(
        name=contract.name,
        purpose=contract.purpose,
        grain=contract.grain,
        owner=contract.owner,
        freshness=tuple(map(_freshness, contract.document.slaProperties or [])),
        columns=tuple(_columns(contract)),
        key=contract.key,
        rules=tuple(map(_rule, contract.rules)),
        facts=dict(_facts(contract)),
        is_feed=contract.source is not None,
    )


def of_mart(spec: MartSpec, owner: str, checks: Iterable[RuleEntry]) -> Entry:
    """The entry of a mart as its dbt model declares it; `checks` are the tests of dbt as the gate last ran them."""
    grain, _, more = spec.description.partition(". ")
    return Entry(
        name=spec.name,
        purpose=more,
        grain=grain.removesuffix("."),
        owner=owner,
        freshness=(),
        columns=tuple(
            ColumnEntry(name, kind, spec.column_descriptions.get(name, ""), "", False, name in spec.grain)
            for name, kind in spec.columns.items()
        ),
        key=spec.grain,
        rules=tuple(checks),
        facts={"Domain": spec.domain},
        is_mart=True,
    )


def _columns(contract: Contract) -> Iterable[ColumnEntry]:
    types = _types(contract)
    declared = {str(column.name): column for column in contract.table.properties or []}
    for column in contract.columns:
        yield ColumnEntry(
            name=column.name,
            type=types[column.name],
            description=column.description,
            classification=column.classification,
            required=column.required,
            is_key=column.name in contract.key,
            limits=tuple(_limits(declared[column.name])),
        )


def _types(contract: Contract) -> Mapping[str, str]:
    if contract.source is None:
        return type_names(contract.iceberg_schema())
    # What is delivered has no types of tables yet.
    return {str(column.name): column.logicalType or "" for column in contract.table.properties or []}


def _limits(column: SchemaProperty) -> Iterable[str]:
    for option, value in (column.logicalTypeOptions or {}).items():
        yield f"{_spaced(option)} {value}"
    if column.enum:
        yield f"one of {', '.join(str(entry.value) for entry in column.enum)}"
    if column.unique:
        yield "unique"


def _facts(contract: Contract) -> Iterable[tuple[str, str]]:
    document, form = contract.document, contract.source
    if document.domain:
        yield "Domain", document.domain
    if document.description and document.description.limitations:
        yield "Limitations", document.description.limitations
    if form:
        yield "Feeds", ", ".join(form.targets)
        yield "Platform", form.namespace
        yield "Zone and currency", f"{form.timezone}, {form.currency}"
        yield "Lateness", _counted(form.lateness_days, "day")
        yield "Form", ", ".join(f"{_spaced(name)} {_quoted(value)}" for name, value in form.format.items())
        yield "Identity", ", ".join(form.identity) if set(form.identity) != _names(contract) else "all columns"
    if contract.first_day:
        yield "First day", contract.first_day.isoformat()
    if contract.partition_by:
        yield "Partitioned by", ", ".join(contract.partition_by)
    if contract.carries_state:
        yield "State", "carried from each day to the next"
    for name, value in contract.parameters.items():
        yield "Parameter", f"{name} = {_json(value)}"
    yield "Contract version", str(document.version)


def _names(contract: Contract) -> set[str]:
    return {column.name for column in contract.columns}


def _freshness(promise: ServiceLevelAgreementProperty) -> str:
    unit = UNITS.get(promise.unit or "", promise.unit or "")
    return f"{promise.property}: {_counted(promise.value, unit)}".rstrip()


def _counted(count: object, unit: str) -> str:
    return f"{count} {unit}{'s' if unit in UNITS.values() and count != 1 else ''}"


def _rule(rule: Rule) -> RuleEntry:
    severity = "" if rule.kind == PROSE else rule.severity
    quality = rule.quality
    return RuleEntry(quality.name or quality.description or rule.kind, rule.column, severity, _asks(rule))


def _asks(rule: Rule) -> str:
    quality = rule.quality
    implementation = quality.implementation if isinstance(quality.implementation, dict) else {}
    match rule.kind:
        case kind if kind == LIBRARY:
            bounds = {k: v for k, v in quality.model_dump(exclude_none=True).items() if k.startswith("must")}
            asked = [f"{_spaced(operator)} {_json(value)}" for operator, value in bounds.items()]
            given = [f"{_spaced(name)} {_json(value)}" for name, value in (quality.arguments or {}).items()]
            return " ".join([_spaced(quality.metric or ""), *asked, quality.unit or "", *given]).strip()
        case kind if kind == EXPECTATION:
            return f"{implementation['type']} {_json(implementation.get('kwargs', {}))}"
        case kind if kind == WEEKDAY_VOLUME:
            tolerance, weeks = weekday_volume(rule)
            return f"rows of a closed day within {tolerance:.0%} of the same weekday's median of {weeks} weeks"
        case _:
            return quality.description or ""


def _spaced(camel: str) -> str:
    """`mustBeGreaterThan` as `must be greater than`."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in camel)


def _quoted(value: Any) -> str:  # noqa: ANN401 - JSON is of any shape
    """A value as JSON, where it is no plain word."""
    return value if isinstance(value, str) and value.isalnum() else json.dumps(value, ensure_ascii=False)


def _json(value: Any) -> str:  # noqa: ANN401 - JSON is of any shape
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
