"""A contract as a Great Expectations suite, by the contract toolkit's exporter; what it gets wrong is mended here.

Mended: type checks go (the table's schema holds them already); a key of several columns becomes one uniqueness of them
together instead of one of each; the standard's library rules, which the exporter leaves out, come in; a rule that
stands twice is checked once; limits of days and instants become what each engine compares its columns with; every
expectation carries its severity.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from open_data_contract_standard.model import SchemaObject, SchemaProperty

from expectations.contract import Contract, ContractError
from expectations.iceberg_schema import mended
from expectations.quality_rules import EXPECTATION, LIBRARY, Rule, library_expectation

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite
    from great_expectations.expectations.expectation import Expectation

Engine = Literal["pandas", "spark"]

_TYPE_CHECK = "expect_column_values_to_be_of_type"
_UNIQUE = "expect_column_values_to_be_unique"
_UNIQUE_TOGETHER = "expect_compound_columns_to_be_unique"


def build_suite(contract: Contract, *, engine: Engine) -> "ExpectationSuite":
    """The expectations of a contract; `meta` of each holds `name` and `severity`.

    The columns of a feed's contract are the delivered ones, not those of its table: only the rules at its table count.
    Raises ContractError where nothing is left to check, or the engine does not know an expectation.
    """
    from great_expectations import ExpectationSuite

    specs = list(_without_doubles(_mended_specs(contract, engine)))
    _mend_moments(contract, specs, engine)
    # The table's own rules first, then each column's, as a reader of the contract would look for them.
    places = {column.name: place for place, column in enumerate(contract.columns)}
    specs.sort(key=lambda spec: places.get(spec["kwargs"].get("column"), -1))
    if not specs:
        remedy = "Add a quality rule; without one, the gate would let everything pass"
        raise ContractError(contract.path, "quality", "there is nothing to check", remedy)
    return ExpectationSuite(name=contract.name, expectations=[_expectation(contract, spec) for spec in specs])


def _mended_specs(contract: Contract, engine: Engine) -> Iterator[dict[str, Any]]:
    for spec in _exported(contract, engine):
        if spec["type"] != _TYPE_CHECK and not _is_part_of_key(contract, spec):
            yield spec
    if contract.source is None and len(contract.key) > 1:
        name = f"{', '.join(contract.key)} must be unique together (primary key)"
        yield _spec(_UNIQUE_TOGETHER, {"column_list": list(contract.key)}, name, "critical")
    for rule in contract.rules:
        if rule.kind == LIBRARY:
            expectation = library_expectation(rule)
            yield _spec(expectation["type"], expectation["kwargs"], _rule_name(rule, expectation), rule.severity)


def _exported(contract: Contract, engine: Engine) -> list[dict[str, Any]]:
    from datacontract.data_contract import DataContract
    from datacontract.export.exporter import ExportFormat

    document = contract.document.model_copy(update={"schema_": [_exportable(contract)]})
    categories = {"quality"} if contract.source else {"properties", "quality"}
    exported = DataContract(data_contract=document).export(
        ExportFormat.great_expectations, engine=engine, check_categories=categories
    )
    specs: list[dict[str, Any]] = json.loads(exported)["expectations"]
    for spec in specs:
        spec["meta"].setdefault("severity", "critical")
        spec["meta"]["name"] = spec["meta"].get("name") or spec.get("description") or spec["type"]
    return specs


def _exportable(contract: Contract) -> SchemaObject:
    """The table as the exporter may see it: it turns some library rules to expectations, and loses their severity."""
    table = mended(contract.path, contract.table)
    parts: list[SchemaObject | SchemaProperty] = [table, *(table.properties or [])]
    for part in parts:
        part.quality = [q for q in part.quality or [] if Rule(contract.path, None, q).kind == EXPECTATION]
    return table


def _is_part_of_key(contract: Contract, spec: dict[str, Any]) -> bool:
    inferred = spec["meta"].get("data_contract_rule_location", {}).get("origin") == "schema_inferred"
    return inferred and spec["type"] == _UNIQUE and len(contract.key) > 1 and spec["kwargs"]["column"] in contract.key


def _mend_moments(contract: Contract, specs: list[dict[str, Any]], engine: Engine) -> None:
    """Instants without a zone are UTC; pandas compares days, which are moments there, with moments only."""
    types = {column.name: column.logicalType for column in contract.table.properties or []}
    mended_types = ("date", "timestamp") if engine == "pandas" else ("timestamp",)
    for spec in specs:
        kind = types.get(spec["kwargs"].get("column"))
        for limit in {"min_value", "max_value"} & spec["kwargs"].keys() if kind in mended_types else ():
            spec["kwargs"][limit] = _moment(spec["kwargs"][limit], is_instant=kind == "timestamp")


def _moment(limit: object, *, is_instant: bool) -> object:
    try:
        moment = datetime.fromisoformat(str(limit))
    except ValueError:
        return limit
    return (moment.replace(tzinfo=moment.tzinfo or UTC) if is_instant else moment).isoformat()


def _rule_name(rule: Rule, expectation: dict[str, Any]) -> str:
    words = " ".join(filter(None, [rule.column, str(rule.quality.metric)]))
    return rule.quality.name or rule.quality.description or f"{words} {_bounds(expectation['kwargs'])}".strip()


def _bounds(kwargs: dict[str, Any]) -> str:
    shown = {name: bound for name, bound in kwargs.items() if name in ("min_value", "max_value", "mostly")}
    return ", ".join(f"{name.removesuffix('_value')} {bound}" for name, bound in shown.items())


def _spec(kind: str, kwargs: dict[str, Any], name: str, severity: str) -> dict[str, Any]:
    return {"type": kind, "kwargs": kwargs, "meta": {"name": name, "severity": severity}}


def _without_doubles(specs: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Each check once; where a rule stands twice with two severities, the critical one stays."""
    by_check: dict[str, dict[str, Any]] = {}
    for spec in specs:
        check = json.dumps([spec["type"], spec["kwargs"]], sort_keys=True)
        if check not in by_check or spec["meta"]["severity"] == "critical":
            by_check[check] = spec
    yield from by_check.values()


def _expectation(contract: Contract, spec: dict[str, Any]) -> "Expectation":
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    try:
        return ExpectationConfiguration(type=spec["type"], kwargs=spec["kwargs"], meta=spec["meta"]).to_domain_obj()
    except Exception as error:
        # One by one, since a suite made of them all only logs those it cannot understand and goes without.
        rule = f"the quality engine does not understand {spec['type']} ({type(error).__name__}: {error})"
        raise ContractError(contract.path, f"quality rule {spec['meta']['name']}", rule, "Mend the rule") from error
