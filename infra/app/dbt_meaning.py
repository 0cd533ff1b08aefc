"""What a dbt model or test means, apart from how it is written: the basis of a mart's code hash.

Comments, blank space, descriptions and places of files do not count; SQL, macros, variables, configuration,
contracts, tests and seeds do.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

TOKEN: Final = re.compile(
    r"""
      (?P<comment> \{\#.*?\#\} | --[^\n]* | /\*.*?\*/ )
    | (?P<word>    '(?:[^']|'')*' | "(?:[^"]|"")*"          # quoted text keeps its blank space
                 | \{\{-? | -?\}\} | \{%-? | -?%\}          # a hyphen in a Jinja tag removes blank space outside it
                 | \d+(?:\.\d+)? | \w+ | [^\w\s] )
    """,
    re.DOTALL | re.VERBOSE,
)
VARIABLE: Final = re.compile(r"""\bvar \( \\?['"](\w+)\\?['"]""")
PROSE: Final = frozenset({"description", "docs", "tags", "doc_blocks"})
SETTINGS_OF_A_TEST: Final = ("severity", "warn_if", "error_if", "fail_calc", "where", "limit")


def words(text: str) -> str:
    """SQL or Jinja without comments, its words and signs parted by single blanks."""
    return " ".join(match["word"] for match in TOKEN.finditer(text) if match["word"] is not None)


class Meaning:
    """Meanings of the nodes of one dbt manifest (schema v12, as dict)."""

    def __init__(self, manifest: Mapping[str, Any], variables: Mapping[str, Any]) -> None:
        project = manifest["metadata"]["project_name"]
        self.nodes: Mapping[str, Any] = {**manifest["nodes"], **manifest["unit_tests"]}
        self.variables = variables
        self.macros = {
            macro["name"]: words(macro["macro_sql"])
            for macro in manifest["macros"].values()
            if macro["package_name"] == project
        }

    def of(self, unique_id: str) -> str:
        """Canonical JSON of one node's own meaning with the macros and variables it uses, without what it reads."""
        own = self._own(self.nodes[unique_id])
        macros = self._macros_in(json.dumps(own))
        used = " ".join([json.dumps(own), *macros.values()])
        variables = {name: self.variables.get(name) for name in VARIABLE.findall(used)}
        return json.dumps({"own": own, "macros": macros, "variables": variables}, sort_keys=True)

    def _own(self, node: Mapping[str, Any]) -> dict[str, Any]:
        match node["resource_type"]:
            case "unit_test":
                return {part: node[part] for part in ("model", "given", "expect", "overrides")}
            case "seed":
                return {"rows": node["checksum"], "config": _without_prose(node["unrendered_config"])}
            case "test":
                return {"sql": words(node["raw_code"]), **_test(node)}
            case _:
                return {
                    "sql": words(node["raw_code"]),
                    "config": _without_prose(node["unrendered_config"]),
                    "columns": [_without_prose(column) for column in node["columns"].values()],
                }

    def _macros_in(self, text: str) -> dict[str, str]:
        """Every macro of the project that the text names, and those that these name."""
        found: dict[str, str] = {}
        queue = [text]
        while queue:
            for name in set(re.findall(r"\w+", queue.pop())) & self.macros.keys() - found.keys():
                found[name] = self.macros[name]
                queue.append(self.macros[name])
        return found


def _test(node: Mapping[str, Any]) -> dict[str, Any]:
    generic = node.get("test_metadata") or {}
    return {
        "macro": f"test_{generic.get('name')}",
        "arguments": _without_prose(generic.get("kwargs", {})),
        "settings": {setting: node["config"].get(setting) for setting in SETTINGS_OF_A_TEST},
    }


def _without_prose(content: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(content, Mapping):
        return {key: _without_prose(value) for key, value in content.items() if key not in PROSE}
    if isinstance(content, list):
        return [_without_prose(value) for value in content]
    return words(content) if isinstance(content, str) else content
