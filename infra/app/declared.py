"""What there is to schedule, read from the files alone: no engine, no catalogue, nothing heavy is imported.

contracts/raw/<source>       ─▶ a unit for each source
contracts/events/*           ─▶ one unit: an event may come from several sources
contracts/features/*         ─▶ a unit for each domain
transforms/models/marts/**   ─▶ one unit for all marts

Each dataset is in one unit, so no two units ever work on one table.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from expectations.contract import REGISTER, SUFFIX, Contract, find_contracts
from infra.lake.errors import GuanxiError

PROJECT_ROOT = Path(__file__).resolve().parents[2]
RUNS = "ops.run"
"""The table of what every run did."""


@dataclass(frozen=True)
class Unit:
    """Datasets that are scheduled together: brought level with what they read when one of `rings` says that it moved.

    `source` is the source whose deliveries the unit takes in first.
    """

    name: str
    purpose: str
    owner: str
    tags: tuple[str, ...]
    datasets: tuple[str, ...]
    rings: tuple[str, ...]
    source: str | None = None


def units(root: Path = PROJECT_ROOT) -> list[Unit]:
    """Every unit of a project, in reading order; raises GuanxiError for a contract that cannot be read."""
    contracts = find_contracts(root / "expectations" / "contracts")
    return [*_sources(contracts), *_events(contracts), *_feature_domains(contracts), *_marts(root, contracts)]


def source_names(root: Path = PROJECT_ROOT) -> frozenset[str]:
    """Names of the sources that have a contract; none of the contracts is read."""
    files = (root / "expectations" / "contracts" / "raw").glob(f"[!_]*{SUFFIX}")
    return frozenset(file.name.removesuffix(SUFFIX) for file in files) - {REGISTER.partition(".")[2]}


def _sources(contracts: Mapping[str, Contract]) -> Iterator[Unit]:
    for contract in contracts.values():
        if contract.source is not None:
            yield Unit(
                name=f"source_{contract.short_name}",
                purpose=contract.purpose,
                owner=contract.owner,
                tags=("source", contract.source.namespace),
                datasets=(contract.name,),
                rings=(f"landing.{contract.short_name}",),
                source=contract.short_name,
            )


def _events(contracts: Mapping[str, Contract]) -> Iterator[Unit]:
    events = [contract for contract in contracts.values() if contract.layer == "events"]
    if events:
        yield Unit(
            name="events",
            purpose=" ".join(contract.purpose for contract in events),
            owner=events[0].owner,
            tags=("events",),
            datasets=tuple(contract.name for contract in events),
            rings=tuple(contract.name for contract in contracts.values() if contract.source is not None),
        )


def _feature_domains(contracts: Mapping[str, Contract]) -> Iterator[Unit]:
    domains: dict[str, list[Contract]] = {}
    for contract in contracts.values():
        if contract.layer == "features":
            domains.setdefault(_domain(contract), []).append(contract)
    for domain, features in sorted(domains.items()):
        names = tuple(feature.name for feature in features)
        read = {name for feature in features for name in feature.inputs}
        yield Unit(
            name=f"features_{domain}",
            purpose=" ".join(feature.purpose for feature in features),
            owner=features[0].owner,
            tags=("features", domain),
            datasets=names,
            rings=tuple(sorted(read - set(names))),
        )


def _domain(contract: Contract) -> str:
    if not contract.document.domain:
        raise GuanxiError(
            f"{contract.path}: domain: features are scheduled by domain, and this has none. Add, say, domain: growth."
        )
    return contract.document.domain


def _marts(root: Path, contracts: Mapping[str, Contract]) -> Iterator[Unit]:
    models = sorted((root / "transforms" / "models" / "marts").rglob("*.sql"))
    names = tuple(f"marts.{model.stem}" for model in models)
    if names:
        yield Unit(
            name="marts",
            purpose=f"What analysts query: {', '.join(model.stem for model in models)}.",
            owner="growth data",
            tags=("marts", *sorted({model.parent.name for model in models})),
            datasets=names,
            rings=tuple(name for name, contract in contracts.items() if contract.layer in ("events", "features")),
        )
