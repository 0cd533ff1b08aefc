"""The application: settings, lake, engine and datasets wired together, and the calls that commands and DAGs make."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from expectations.contract import Contract
from infra.app.datasets import Datasets, Project
from infra.app.declared import RUNS
from infra.app.explain import explain
from infra.app.kinds.landing_objects import LANDING
from infra.app.openlineage import tell
from infra.app.session import Engine
from infra.app.warehouse import Published, refresh
from infra.lake import branch, provenance
from infra.lake.catalog import Lake
from infra.lake.errors import GuanxiError
from infra.lake.landing import Landed, Landing
from infra.lake.locks import table_locks
from infra.lake.settings import Settings
from infra.loop.dataset import Dataset, Pin
from infra.loop.level import is_stale, waits_for
from infra.loop.plan import EVERYTHING, Grain, Scope
from infra.loop.result import Outcome, Result
from infra.loop.run import Listener, Run
from infra.loop.verdict import Verdicts, append_rows

PROJECT_ROOT = Path(__file__).resolve().parents[2]
WAREHOUSE = "warehouse"
REPLANS = 2


class App:
    """One opened Guanxi home."""

    def __init__(self, settings: Settings | None = None, project: Project | None = None) -> None:
        self.settings = settings or Settings()
        self.lake = Lake(self.settings)
        self.engine = Engine(self.settings)
        self.landing = Landing(self.settings)
        self.datasets = Datasets(self.lake, self.engine, project or Project(PROJECT_ROOT))
        self.verdicts = Verdicts(self.lake)

    def close(self) -> None:
        """End the Spark session if one was started."""
        self.engine.stop()

    @cached_property
    def ops(self) -> dict[str, Contract]:
        """Contracts of the append-only tables outside the loop."""
        return {name: contract for name, contract in self.datasets.contracts.items() if contract.layer == "ops"}

    def land(self, source: str, file: Path, supersedes: Sequence[str] = ()) -> Landed:
        """Deliver one file to the landing store; raises GuanxiError for a source without a contract."""
        return self.landing.land(self.source(source).short_name, file, tuple(supersedes))

    def source(self, name: str) -> Contract:
        """A source's contract; raises GuanxiError for a name that no source has."""
        if name not in self.datasets.sources:
            known = ", ".join(sorted(self.datasets.sources))
            raise GuanxiError(
                f"{name}: there is no such source. There are: {known}. "
                f"A new one starts with expectations/contracts/raw/{name}.odcs.yaml."
            )
        return self.datasets.sources[name]

    def pins(self) -> dict[str, Pin]:
        """Everything there is to read, at the versions published now, and the landing store's listing."""
        return {LANDING: Pin(self.landing.version()), **self.table_pins()}

    def table_pins(self) -> dict[str, Pin]:
        """Every table that there is, at the version published now."""
        pins = {}
        for name in self.datasets.all:
            table = self.lake.find(name)
            if table is not None and branch.MAIN in table.refs():
                head = branch.head(table)
                pins[name] = Pin(str(head), provenance.read(table, head))
        return pins

    def run(
        self,
        names: Sequence[str] = (),
        scope: Scope = EVERYTHING,
        listener: Listener = lambda dataset, phase: None,
        *,
        alone: bool = False,
        run_id: str | None = None,
    ) -> list[Result]:
        """Bring the named datasets (or all) level, with what they read unless `alone`; refresh the analysts' file.

        `run_id` names the run after one that has to be planned again, else it gets a name of its own.
        """
        chosen = self.datasets.named(names) if alone else self.datasets.chosen(names)
        self.prepare_ops()
        with table_locks(self.settings, [d.name for d in chosen], lambda name: listener(name, "waits for another run")):
            results = self._run_once(chosen, scope, listener, run_id)
            for _ in range(REPLANS):
                if not any(result.outcome is Outcome.OUT_OF_DATE for result in results):
                    break
                results = self._run_once(chosen, scope, listener, run_id)
        listener(WAREHOUSE, "swap")
        self.refresh_warehouse()
        return results

    def _run_once(
        self, chosen: Sequence[Dataset], scope: Scope, listener: Listener, run_id: str | None
    ) -> list[Result]:
        run = self.open_run(chosen, scope, listener, run_id)
        results = run.execute()
        self.record(run.id, results)
        return results

    def open_run(
        self,
        chosen: Sequence[Dataset],
        scope: Scope,
        listener: Listener = lambda dataset, phase: None,
        run_id: str | None = None,
    ) -> Run:
        """A run of some datasets on the published versions of all others; the caller holds their locks."""
        around = {dataset.name: dataset for dataset in self.datasets.chosen([d.name for d in chosen])}
        others = [dataset for name, dataset in around.items() if name not in {d.name for d in chosen}]
        for dataset in others:
            self.prepare_unless_there(dataset)
        pins = self.pins()
        stale = [dataset.name for dataset in others if is_stale(dataset, pins, self.verdicts)]
        by_object = [dataset.name for dataset in around.values() if dataset.node.grain is Grain.OBJECT]
        inputs = {name: dataset.inputs for name, dataset in around.items()}
        waits = waits_for([d.name for d in chosen], inputs, stale, own_part=by_object)
        return Run(chosen, pins, self.verdicts, scope, listener, run_id, waits)

    def prepare(self) -> None:
        """Create every table that is not there yet."""
        self.prepare_ops()
        for dataset in self.datasets.all.values():
            self.prepare_unless_there(dataset)

    def prepare_unless_there(self, dataset: Dataset) -> None:
        """Create a dataset's table if there is none; one that is there may be somebody's work, and is left alone."""
        if self.lake.find(dataset.name) is None:
            with table_locks(self.settings, [dataset.name]):
                dataset.prepare()

    def record(self, run_id: str, results: Sequence[Result]) -> None:
        """Keep what came of a run, or of one step of it, and tell those who listen; where nothing did, do neither."""
        if all(result.is_idle for result in results):
            return
        append_rows(self.lake, RUNS, [_run_row(run_id, result) for result in results])
        tell(self.settings, run_id, results, self.datasets.all.values())

    def prepare_ops(self) -> None:
        """Create the append-only tables outside the loop."""
        for name, contract in self.ops.items():
            self.lake.ensure(name, contract.iceberg_schema(), contract.partition_by)

    def refresh_warehouse(self) -> bool:
        """Bring the analysts' file to the published marts; False where it already shows them."""
        with table_locks(self.settings, [WAREHOUSE]):
            shown: dict[str, Published] = {}
            for spec in self.datasets.dbt.marts():
                table = self.lake.find(spec.name)
                if table is not None and provenance.published(table) is not None:
                    rows = table.scan().to_arrow
                    shown[spec.name] = Published(branch.head(table), rows, spec.description, spec.column_descriptions)
            return refresh(self.settings.warehouse_file, shown)


def _run_row(run: str, result: Result) -> dict[str, Any]:
    plan = result.plan
    detail = {
        "detail": result.detail,
        "causes": explain(plan) if plan else [],
        "committed": result.committed,
        "moved": dict(plan.moved) if plan else {},
        "seconds": result.seconds,
    }
    return {
        "at": datetime.now(UTC),
        "run": run,
        "dataset": result.dataset,
        "outcome": result.outcome.value,
        "snapshot_id": result.snapshot_id,
        "due": len(plan.causes) if plan else 0,
        "built": len(plan.build) if plan and result.outcome is not Outcome.HELD else 0,
        "committed": len(result.committed),
        "detail": json.dumps(detail),
        "seconds": sum(result.seconds.values()),
    }
