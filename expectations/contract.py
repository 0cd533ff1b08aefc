"""Contracts: what every dataset promises, read from its ODCS file, in the form the rest of the project uses.

A contract's place, `<layer>/<name>.odcs.yaml`, is the dataset's name `<layer>.<name>`. Beside the standard's fields,
these custom properties at the root are read: `firstDay`, `inputs`, `carriesState`, `parameters` and (feeds) `source`.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from open_data_contract_standard.model import OpenDataContractStandard, SchemaObject, Team

from expectations.columns import Classification, Column, key_columns, partition_columns, read_columns
from expectations.contract_error import ContractError
from expectations.contract_set import check_set
from expectations.dependencies import InputWindow, SourceForm, read_first_day, read_inputs, read_source
from expectations.document import custom, read_document, the_table
from expectations.error_rate import read_error_rate
from expectations.freshness import Freshness, read_freshness
from expectations.quality_rules import Rule, check_rules, rules_of

if TYPE_CHECKING:
    from pyiceberg.schema import Schema

__all__ = [
    "Classification",
    "Column",
    "Contract",
    "ContractError",
    "Freshness",
    "InputWindow",
    "SourceForm",
    "find_contracts",
    "read_contract",
]

SUFFIX = ".odcs.yaml"
CONTRACTS = Path(__file__).parent / "contracts"
ROOT_PROPERTIES = frozenset({"firstDay", "inputs", "carriesState", "parameters", "source"})
# The register of landed objects lies in layer raw, but is no feed: nothing is decoded into it.
REGISTER = "raw.objects"


@dataclass(frozen=True)
class Contract:
    """One dataset's promise; `key` names a row, `first_day` is None where it follows from the inputs.

    `error_rate` is the share of a source's records that may be unreadable before people are told.
    `columns` of a feed (`source` is not None) are the delivered ones; its table has the shape `record_schema` gives.
    """

    name: str
    layer: str
    short_name: str
    path: Path
    purpose: str
    grain: str
    owner: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    partition_by: tuple[str, ...]
    inputs: Mapping[str, InputWindow]
    carries_state: bool
    first_day: date | None
    parameters: Mapping[str, Any]
    source: SourceForm | None
    freshness: Freshness
    error_rate: float
    document: OpenDataContractStandard = field(repr=False, compare=False)

    @property
    def version(self) -> str:
        """The version that the contract gives itself."""
        return self.document.version or ""

    @property
    def table(self) -> SchemaObject:
        """The table as the standard's model describes it."""
        return the_table(self.path, self.document)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every quality rule of the table and its columns."""
        return tuple(rules_of(self.path, self.table))

    def iceberg_schema(self) -> "Schema":
        """The columns as an Iceberg schema with the key as identifier fields; field ids are fresh."""
        return self._iceberg_schema

    @cached_property
    def _iceberg_schema(self) -> "Schema":
        from expectations.iceberg_schema import to_iceberg

        return to_iceberg(self.path, self.table)

    def semantics(self) -> str:
        """What changes results, as canonical JSON: neither prose nor owner, quality, layout or lateness."""
        source = asdict(self.source) if self.source else {}
        # Lateness moves the watermark, which is said of a table and not in it; the others say how objects come.
        for said_elsewhere in ("lateness_days", "manifest", "totals", "api"):
            source.pop(said_elsewhere, None)
        types = self._type_names()
        return _canonical(
            {
                "name": self.name,
                "columns": [[c.name, types[c.name], c.required, c.arrival] for c in self.columns],
                "key": self.key,
                "inputs": {name: asdict(window) for name, window in self.inputs.items()},
                "carries_state": self.carries_state,
                "first_day": self.first_day,
                "parameters": self.parameters,
                "source": source,
            }
        )

    def _type_names(self) -> dict[str, str]:
        if self.source:  # on the wire there are no Iceberg types, but places
            paths = {column.name: column.wire_path for column in self.columns}
            properties = self.table.properties or []
            return {str(c.name): f"{c.logicalType} {c.physicalType} {paths[str(c.name)]}" for c in properties}
        from expectations.iceberg_schema import type_names

        return type_names(self.iceberg_schema())

    def quality(self) -> str:
        """What a verdict on given rows depends on, as canonical JSON: the rules without their prose."""
        constraints = [
            [c.name, c.required, c.unique, c.primaryKey, c.logicalTypeOptions, [e.value for e in c.enum or []]]
            for c in self.table.properties or []
        ]
        return _canonical(
            {"key": self.key, "columns": constraints, "rules": [[rule.column, rule.settings()] for rule in self.rules]}
        )


def _canonical(content: Mapping[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)


def read_contract(path: Path) -> Contract:
    """One contract; raises ContractError naming file, place, rule and remedy for anything it cannot mean."""
    document = read_document(path)
    layer, short_name = path.parent.name, path.name.removesuffix(SUFFIX)
    name = f"{layer}.{short_name}"
    table = the_table(path, document)
    _check_names(path, document, table, name)
    columns = read_columns(path, table)
    check_rules(path, table)
    properties = _root_properties(path, document)
    contract = Contract(
        name=name,
        layer=layer,
        short_name=short_name,
        path=path,
        purpose=(document.description.purpose if document.description else None) or "",
        grain=table.dataGranularityDescription or "",
        owner=_owner(document),
        columns=columns,
        key=key_columns(table),
        partition_by=partition_columns(table),
        inputs=read_inputs(path, properties.get("inputs", {})),
        carries_state=properties.get("carriesState", False),
        first_day=read_first_day(path, properties.get("firstDay")),
        parameters=properties.get("parameters", {}),
        source=_source(path, properties, columns),
        freshness=read_freshness(path, document, is_feed="source" in properties),
        error_rate=read_error_rate(path, document, is_feed="source" in properties),
        document=document,
    )
    _check_contract(contract)
    return contract


def find_contracts(root: Path = CONTRACTS) -> dict[str, Contract]:
    """Every dataset's contract below `root` by name, sorted; files whose name starts with `_` are no datasets.

    Raises ContractError for a contract that cannot be read, an input or target that has none, and for circles.
    """
    files = sorted(path for path in root.glob(f"*/*{SUFFIX}") if not path.name.startswith("_"))
    contracts = {contract.name: contract for contract in map(read_contract, files)}
    check_set(contracts)
    return contracts


def _check_names(path: Path, document: OpenDataContractStandard, table: SchemaObject, name: str) -> None:
    if not path.name.endswith(SUFFIX):
        raise ContractError(path, "file", f"a contract's file name ends in {SUFFIX}", "Rename the file")
    if document.id != name:
        raise ContractError(path, "id", f"the file's place says {name}, the id {document.id}", "Make them agree")
    if table.name != name.split(".")[1]:
        rule = f"the table is called {table.name}, the dataset {name}"
        raise ContractError(path, "schema.name", rule, f"Call the table {name.split('.')[1]}")


def _root_properties(path: Path, document: OpenDataContractStandard) -> dict[str, Any]:
    properties = custom(document.customProperties)
    for name in properties.keys() - ROOT_PROPERTIES:
        rule = "nothing reads this custom property"
        raise ContractError(path, f"customProperties.{name}", rule, f"Use {', '.join(sorted(ROOT_PROPERTIES))}")
    if not isinstance(properties.get("carriesState", False), bool):
        raise ContractError(path, "carriesState", "carriesState is true or false", "Write true or leave it out")
    parameters = properties.get("parameters", {})
    if not isinstance(parameters, dict) or not all(str(name).isidentifier() for name in parameters):
        remedy = "Write, say, {half_life_days: 7}"
        raise ContractError(path, "parameters", "parameters map argument names to values", remedy)
    return properties


def _owner(document: OpenDataContractStandard) -> str:
    return (document.team.name or "") if isinstance(document.team, Team) else ""


def _source(path: Path, properties: Mapping[str, Any], columns: tuple[Column, ...]) -> SourceForm | None:
    if "source" not in properties:
        return None
    return read_source(path, properties["source"], tuple(column.name for column in columns))


def _check_contract(contract: Contract) -> None:
    path, is_dataset = contract.path, not contract.short_name.startswith("_")
    is_feed = contract.layer == "raw" and is_dataset and contract.name != REGISTER
    if is_feed and contract.source is None:
        raise ContractError(path, "source", "a raw dataset says how it is delivered", "Add custom property source")
    if contract.source is not None and not is_feed:
        raise ContractError(path, "source", "only raw datasets are delivered", "Move the contract to raw/")
    if is_feed and any(rule.column for rule in contract.rules):
        remedy = "Move it to the table, and name a column of the table in its kwargs"
        raise ContractError(path, "quality", "delivered columns are not gated, but the table they end in", remedy)
    if contract.rules and not is_dataset:
        remedy = "Write it into the contract of each source it is meant for"
        raise ContractError(path, "quality", "rules belong to a dataset, and this is a form that many share", remedy)
    if is_feed and contract.first_day is None:
        remedy = "Add custom property firstDay; records of earlier days are quarantined"
        raise ContractError(path, "firstDay", "a raw source says from which day on it counts", remedy)
    if contract.layer in ("events", "features") and not contract.key:
        remedy = "Mark the columns of the grain with primaryKey: true"
        raise ContractError(path, "schema.properties", "the key names a row, and there is none", remedy)
    if (contract.inputs or contract.carries_state) and contract.layer != "features":
        rule = "only features declare what they read; events read every source whose targets name them"
        raise ContractError(path, "inputs", rule, "Remove inputs and carriesState")
