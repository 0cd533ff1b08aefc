"""Reads a dbt manifest as marts: what each one reads, means and must pass, and which nodes build it."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from infra.app import dbt_meaning
from infra.app.dbt_meaning import Meaning
from infra.lake.errors import GuanxiError

MARTS: Final = "marts"


@dataclass(frozen=True)
class MartSpec:
    """One mart as its dbt model declares it.

    `name` is the dataset's (`marts.growth_daily`). `inputs` are the datasets it and its tests read through any chain
    of staging and intermediate models; another mart is an input itself. `code` changes with whatever changes its rows
    or its gate. `grain` names the columns of one row, `arrival` those that say when rows came in; `columns` are the
    contract's types in DuckDB's words.
    """

    name: str
    inputs: tuple[str, ...]
    code: str
    domain: str
    description: str
    grain: tuple[str, ...]
    columns: Mapping[str, str]
    column_descriptions: Mapping[str, str]
    arrival: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlannedCheck:
    """A dbt test that gates a mart; `is_own_data_test`: it reads the mart's rows; `is_unit_test`: it reads none."""

    unique_id: str
    name: str
    severity: str
    is_own_data_test: bool
    is_unit_test: bool = False


@dataclass(frozen=True)
class MartPlan:
    """How dbt builds one mart: node ids of its models (without upstream marts), its tests, dbt's selectors of both."""

    spec: MartSpec
    model: str
    models: tuple[str, ...]
    checks: tuple[PlannedCheck, ...]
    selectors: tuple[str, ...]


def read_plans(manifest: Mapping[str, Any], variables: Mapping[str, Any]) -> list[MartPlan]:
    """Plans of every mart, each after the marts it reads; raises GuanxiError for a test that gates no single mart."""
    graph = _Graph(manifest)
    checks = graph.checks_by_mart()
    meaning = Meaning(manifest, variables)
    plans = {f"{MARTS}.{graph.nodes[mart]['name']}": _plan(graph, meaning, mart, checks[mart]) for mart in graph.marts}
    order = TopologicalSorter({name: [i for i in plan.spec.inputs if i in plans] for name, plan in plans.items()})
    return [plans[name] for name in order.static_order()]


def reader_digest() -> str:
    """Changes with what reads plans and runs them, dbt among it: a plan on disk is never one that other code read."""
    code = [Path(dbt_meaning.__file__), Path(__file__)]
    versions = [
        version(package).encode() for package in ("dbt-adapters", "dbt-common", "dbt-core", "dbt-duckdb", "duckdb")
    ]
    return hashlib.sha256(b"".join([*(file.read_bytes() for file in code), *versions])).hexdigest()[:8]


class _Graph:
    """The manifest's nodes and what each one reads."""

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        self.sources: Mapping[str, Any] = manifest["sources"]
        self.nodes: Mapping[str, Any] = {**manifest["nodes"], **manifest["unit_tests"]}
        self.marts = sorted(key for key, node in self.nodes.items() if _is_mart(node))

    def reads(self, unique_id: str) -> list[str]:
        """Ids of the nodes and sources that one node names."""
        return [str(read) for read in self.nodes[unique_id]["depends_on"]["nodes"]] if unique_id in self.nodes else []

    def closure(self, roots: Iterable[str], mart: str | None = None) -> set[str]:
        """The roots and all they read; other marts than `mart` are in it and are not looked behind."""
        seen: set[str] = set()
        queue = list(roots)
        while queue:
            unique_id = queue.pop()
            if unique_id not in seen:
                seen.add(unique_id)
                if unique_id == mart or unique_id not in self.marts:
                    queue.extend(self.reads(unique_id))
        return seen

    def checks_by_mart(self) -> dict[str, list[str]]:
        """Tests and unit tests that gate each mart: those that name it, and those of the models it reads through."""
        behind = {mart: self.closure([mart], mart) for mart in self.marts}
        checks: dict[str, list[str]] = {mart: [] for mart in self.marts}
        for unique_id, node in sorted(self.nodes.items()):
            if node["resource_type"] in {"test", "unit_test"}:
                for mart in self._gated_by(unique_id, behind):
                    checks[mart].append(unique_id)
        return checks

    def _gated_by(self, check: str, behind: Mapping[str, set[str]]) -> list[str]:
        reads = set(self.reads(check))
        named = reads & set(self.marts)
        if not named:
            return [mart for mart in self.marts if reads & behind[mart]]
        last = [mart for mart in sorted(named) if named <= behind[mart]]
        if not last:
            names = " and ".join(sorted(self.nodes[mart]["name"] for mart in named))
            raise GuanxiError(
                f"transforms: test {self.nodes[check]['name']} reads the marts {names}, neither of which reads the "
                "other, so it gates neither. Compare each with the models both are built from."
            )
        return last


def _plan(graph: _Graph, meaning: Meaning, mart: str, checks: list[str]) -> MartPlan:
    needed = graph.closure([mart, *(read for check in checks for read in graph.reads(check))], mart)
    models = sorted(key for key in needed if key in graph.nodes and (key == mart or key not in graph.marts))
    built = [*models, *checks]
    return MartPlan(
        spec=_spec(graph, mart, needed - set(models), [meaning.of(key) for key in built]),
        model=mart,
        models=tuple(models),
        checks=tuple(_check(graph, check, mart) for check in checks),
        selectors=tuple(sorted("fqn:" + ".".join(graph.nodes[key]["fqn"]) for key in built)),
    )


def _spec(graph: _Graph, mart: str, read: set[str], meanings: list[str]) -> MartSpec:
    node = graph.nodes[mart]
    inputs = [_source_name(graph.sources[key]) for key in read if key in graph.sources]
    inputs += [f"{MARTS}.{graph.nodes[key]['name']}" for key in read if key in graph.marts]
    columns = node["columns"].values()
    return MartSpec(
        name=f"{MARTS}.{node['name']}",
        inputs=tuple(sorted(inputs)),
        code=hashlib.sha256("\n".join(sorted(meanings)).encode()).hexdigest()[:16],
        domain=node["fqn"][2],
        description=_one_line(node["description"]),
        grain=tuple(node["config"]["meta"].get("grain", ())),
        columns={column["name"]: column["data_type"] for column in columns},
        column_descriptions={column["name"]: _one_line(column["description"]) for column in columns},
        arrival=tuple(node["config"]["meta"].get("arrival", ())),
    )


def _check(graph: _Graph, unique_id: str, mart: str) -> PlannedCheck:
    node = graph.nodes[unique_id]
    is_data_test = node["resource_type"] == "test"
    severity = str(node["config"]["severity"]).lower() if is_data_test else "error"
    is_own = is_data_test and mart in graph.reads(unique_id)
    return PlannedCheck(unique_id, node["name"], severity, is_own, is_unit_test=not is_data_test)


def _is_mart(node: Mapping[str, Any]) -> bool:
    return bool(node["resource_type"] == "model" and len(node["fqn"]) > 3 and node["fqn"][1] == MARTS)


def _source_name(source: Mapping[str, Any]) -> str:
    return f"{source['source_name']}.{source['name']}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
