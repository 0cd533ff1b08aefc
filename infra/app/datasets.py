"""Finds every dataset by its files: a dataset exists because its contract (or dbt model) exists."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from expectations.contract import Contract, find_contracts, read_contract
from infra.app.dbt_project import DbtProject
from infra.app.kinds.events import Events
from infra.app.kinds.feature import Feature
from infra.app.kinds.landing_objects import OBJECTS, LandingObjects
from infra.app.kinds.mart import Mart
from infra.app.kinds.raw_source import RawSource
from infra.app.session import Engine
from infra.lake.catalog import Lake
from infra.lake.errors import GuanxiError
from infra.loop.dataset import Dataset


class UnknownDatasetError(GuanxiError):
    """A name that no contract and no mart has."""


@dataclass(frozen=True)
class Project:
    """The folders in which datasets are declared; another product's folders work as well as Guanxi's own."""

    root: Path

    @property
    def contracts(self) -> Path:
        """Folder of the ODCS contracts."""
        return self.root / "expectations" / "contracts"

    @property
    def transforms(self) -> Path:
        """Folder of the dbt project."""
        return self.root / "transforms"


class Datasets:
    """Every dataset of a project, in reading order."""

    def __init__(self, lake: Lake, engine: Engine, project: Project) -> None:
        self.lake = lake
        self.engine = engine
        self.project = project
        self.contracts = find_contracts(project.contracts)
        self.sources = {c.short_name: c for c in self.contracts.values() if c.source is not None}
        self.dbt = DbtProject(project.transforms, lake.settings.work_dir / "dbt", self.contracts)

    @cached_property
    def all(self) -> dict[str, Dataset]:
        """Datasets by name, each after everything it reads."""
        found = {dataset.name: dataset for dataset in self._declared()}
        graph = {name: [i for i in dataset.inputs if i in found] for name, dataset in found.items()}
        try:
            return {name: found[name] for name in _reading_order(graph, found)}
        except CycleError as error:
            raise GuanxiError(
                f"{' reads '.join(error.args[1])}: datasets read one another in a circle. "
                "Take one of these inputs out of its contract."
            ) from error

    @cached_property
    def files(self) -> list[Path]:
        """Every file of the folders in which a dataset may have one."""
        folders = [self.project.root / name for name in ("expectations", "spark_jobs", "transforms", "tests")]
        return [file for folder in folders for file in folder.rglob("*") if file.is_file()]

    def chosen(self, names: Iterable[str]) -> list[Dataset]:
        """The named datasets and all they read, in reading order; all datasets where none is named."""
        wanted = [self.find(name).name for name in names]
        if not wanted:
            return list(self.all.values())
        needed: set[str] = set()
        while wanted:
            name = wanted.pop()
            if name not in needed and name in self.all:
                needed.add(name)
                wanted.extend(self.all[name].inputs)
        return [dataset for name, dataset in self.all.items() if name in needed]

    def named(self, names: Iterable[str]) -> list[Dataset]:
        """The named datasets alone, in reading order."""
        wanted = {self.find(name).name for name in names}
        return [dataset for name, dataset in self.all.items() if name in wanted]

    def find(self, name: str) -> Dataset:
        """One dataset by its name; raises UnknownDatasetError with the near ones."""
        if name in self.all:
            return self.all[name]
        near = [known for known in self.all if name.rsplit(".", maxsplit=1)[-1] in known] or list(self.all)
        raise UnknownDatasetError(f"{name}: there is no such dataset. There are: {', '.join(near)}.")

    def readers(self, name: str) -> list[str]:
        """Names of the datasets that read one."""
        return [dataset.name for dataset in self.all.values() if name in dataset.inputs]

    def grain(self, name: str) -> tuple[str, ...]:
        """The columns that name one row, as the contract's key or the mart's model say; empty where neither does."""
        if name in self.contracts:
            return self.contracts[name].key
        return next((spec.grain for spec in self.dbt.marts() if spec.name == name), ())

    def _declared(self) -> Iterable[Dataset]:
        by_layer: Mapping[str, list[Contract]] = {
            layer: [c for c in self.contracts.values() if c.layer == layer] for layer in ("events", "features")
        }
        envelope = read_contract(self.project.contracts / "raw" / "_envelope.odcs.yaml")
        yield LandingObjects(self.lake, self.contracts[OBJECTS], self.sources)
        for source in self.sources.values():
            targets = {name: self.contracts[name] for name in (source.source.targets if source.source else ())}
            yield RawSource(self.lake, self.engine, source, targets, envelope)
        raw = {source.name: source for source in self.sources.values()}
        for contract in by_layer["events"]:
            yield Events(self.lake, self.engine, contract, raw)
        for contract in by_layer["features"]:
            yield Feature(self.lake, self.engine, contract, self._first_day(contract.name))
        for spec in self.dbt.marts():
            yield Mart(self.lake, self.dbt, spec)

    def _first_day(self, name: str) -> date:
        """A contract's own first day, else the first of what it reads."""
        contract = self.contracts[name]
        if contract.first_day is not None:
            return contract.first_day
        if contract.layer == "events":
            feeding = [s for s in self.sources.values() if s.source and name in s.source.targets]
            return min((s.first_day for s in feeding if s.first_day), default=date.max)
        return min((self._first_day(read) for read in contract.inputs), default=date.max)


def _reading_order(graph: Mapping[str, Iterable[str]], found: Mapping[str, Dataset]) -> Iterator[str]:
    """Each after what it reads, and those that one thing can build after all others that may come first.

    So they are neighbours, and built together.
    """
    order = TopologicalSorter(graph)
    order.prepare()
    later: list[str] = []
    while order.is_active():
        ready = order.get_ready()
        now = [name for name in ready if found[name].built_by is None]
        later += [name for name in ready if found[name].built_by is not None]
        if not now:
            now, later = later, []
        yield from now
        order.done(*now)
