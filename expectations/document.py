"""Reads an ODCS file as the standard's own model, refusing what YAML and the model would silently let through."""

from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

import yaml
from open_data_contract_standard.model import CustomProperty, OpenDataContractStandard, SchemaObject, SchemaProperty
from pydantic import ValidationError

from expectations.contract_error import ContractError

# The C parser reads a contract about ten times faster; it is missing from some builds of PyYAML.
_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Parser):  # type: ignore[misc]
    """Refuses a key that stands twice in one mapping: YAML would keep the last and lose, say, a quality rule."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        twice = sorted({str(key) for key in keys if keys.count(key) > 1})
        if twice:
            raise yaml.MarkedYAMLError(problem=f"key {twice[0]} stands twice", problem_mark=node.start_mark)
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        return mapping


def read_document(path: Path) -> OpenDataContractStandard:
    """The file as the standard's model; raises ContractError where it is no such thing."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - derived from a safe loader
    except FileNotFoundError as error:
        raise ContractError(path, "file", "there is no such contract", "Name an existing file") from error
    except yaml.MarkedYAMLError as error:
        place = f"line {error.problem_mark.line + 1}" if error.problem_mark else "file"
        raise ContractError(path, place, f"not readable as YAML: {error.problem}", "Mend the line") from error
    if not isinstance(content, dict):
        raise ContractError(path, "file", "a contract is a YAML mapping", "Start from an existing contract")
    try:
        return OpenDataContractStandard(**content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ContractError(path, place, f"not as ODCS has it: {first['msg']}", "See the ODCS v3.1 schema") from error


def the_table(path: Path, document: OpenDataContractStandard) -> SchemaObject:
    """The one table a contract describes; raises ContractError where there are none or several."""
    tables = document.schema_ or []
    if len(tables) != 1 or not tables[0].properties:
        rule = f"a contract describes exactly one table with columns, this one {len(tables)} tables"
        raise ContractError(path, "schema", rule, "Give every dataset its own file")
    return tables[0]


def custom(properties: Sequence[CustomProperty] | None) -> dict[str, Any]:
    """Custom properties as a mapping."""
    return {str(entry.property): entry.value for entry in properties or []}


def nested(column: SchemaProperty) -> list[SchemaProperty]:
    """Every property below a column: fields of a struct and items of a list, at any depth."""
    below = [*(column.properties or []), *([column.items] if column.items else [])]
    return [found for child in below for found in (child, *nested(child))]
