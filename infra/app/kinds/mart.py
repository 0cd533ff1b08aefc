"""`marts.*`: a dbt model built whole on DuckDB over pinned versions; dbt's tests are its gate."""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import duckdb
import pyarrow as pa
from pyiceberg.schema import Schema

from infra.app.dbt_project import CheckOutcome, DbtProject, MartResult, MartSpec, PinnedTable
from infra.lake import partitions, provenance
from infra.lake.catalog import Lake
from infra.lake.content import content_hash, hash_rows
from infra.lake.errors import GuanxiError
from infra.lake.provenance import Provenance
from infra.lake.rows import replace_rows
from infra.loop.dataset import Assessment, Check, Dataset, Job, Pins
from infra.loop.plan import WHOLE, Grain, Node, Partition, Window

log = logging.getLogger("guanxi.mart")
SEVERITY = {"error": "critical", "warn": "warning"}


class Mart(Dataset):
    """A mart: replaced whole when any row behind it moved, and never when none did."""

    def __init__(self, lake: Lake, project: DbtProject, spec: MartSpec) -> None:
        # dbt's tests and contract are part of the model's code hash, so there are no rules besides it.
        super().__init__(lake, Node(spec.name, Grain.WHOLE, {n: Window() for n in spec.inputs}, spec.code), "dbt")
        self.project = project
        self.spec = spec
        self._together: tuple[MartResult, Path] | None = None

    @property
    def arrival_columns(self) -> tuple[str, ...]:
        """Columns that say when and how rows came in."""
        return self.spec.arrival

    @property
    def built_by(self) -> str | None:
        """dbt, a call of which costs more than a small model."""
        return "dbt"

    def prepare(self) -> None:
        """Create the table from dbt's enforced contract, or add the columns it gained."""
        self.lake.ensure(self.name, _schema(self.spec.columns), ())

    def wanted(self, pins: Pins) -> frozenset[Partition]:
        """The whole mart, once anything that it reads has been delivered."""
        return frozenset({WHOLE}) if any(pins[name].is_fed for name in self.inputs) else frozenset()

    def had(self, published: Provenance) -> frozenset[Partition]:
        """The whole mart, once it was built."""
        return frozenset({WHOLE}) if published.covers else frozenset()

    def changed(self, name: str, before: str, now: str) -> frozenset[Partition] | None:
        """Whether any row of an input moved, or the day up to which it is complete."""
        table = self.lake.table(name)
        old, new = (provenance.read(table, int(version)) for version in (before, now))
        if old is not None and new is not None and old.complete_through != new.complete_through:
            return frozenset({WHOLE})
        return partitions.changed(table, int(before), int(now), lambda values: WHOLE)

    def input_fingerprint(self, pins: Pins, partitions_: frozenset[Partition], source: str | None) -> str:
        """Every file of every input."""
        tables = [(self.lake.table(name), pins[name].snapshot_id) for name in self.inputs]
        return "\n".join(partitions.fingerprint(table, snapshot_id) for table, snapshot_id in tables)

    @contextmanager
    def built_together(self, builds: Sequence[tuple[Dataset, Job]]) -> Iterator[None]:
        """One call of dbt builds and tests them all; a mart that it could not build is tried once more, alone."""
        marts = [(one, job) for one, job in builds if isinstance(one, Mart) and job.plan.build]
        staging = self.lake.settings.work_dir / "staging" / f"{builds[0][1].run}.duckdb"
        try:
            self._share(marts, staging)
            yield
        finally:
            for mart, _ in marts:
                mart._together = None
            _remove(staging)

    def _share(self, marts: Sequence[tuple["Mart", Job]], staging: Path) -> None:
        """Let one call of dbt build them, and each know what came of it."""
        try:
            results = _run_dbt(marts, staging)
        except Exception:
            log.exception("marts could not be built together; each is built alone")
            return
        for mart, _ in marts:
            if not results[mart.name].crashed:
                mart._together = (results[mart.name], staging)

    def build(self, job: Job) -> None:
        """Let dbt build and test the mart in a staging file; what passed and differs goes to the branch."""
        result, rows = self._built(job)
        if result.crashed:
            raise GuanxiError(f"{self.name}: {result.error} Run again once that is mended.")
        tested = None if rows is None else hash_rows(rows)
        # The gate may be another process: what dbt's tests said waits for it beside the branch.
        self._staging(job, "json").write_text(json.dumps({"result": asdict(result), "rows": tested}))
        if rows is not None and tested != content_hash(self.lake.table(self.name), job.base):
            replace_rows(self.lake, self.name, job.branch, rows)

    def _built(self, job: Job) -> tuple[MartResult, pa.Table | None]:
        """What dbt said of it, and its rows where it built some."""
        if self._together is not None:
            result, staging = self._together
            return result, _staged_rows(staging, self.name) if result.built else None
        staging = self._staging(job, "duckdb")
        try:
            result = _run_dbt([(self, job)], staging)[self.name]
            return result, _staged_rows(staging, self.name) if result.built else None
        finally:
            _remove(staging)

    def _staging(self, job: Job, suffix: str) -> Path:
        return self.lake.settings.work_dir / "staging" / f"{job.run}.{self.spec.name}.{suffix}"

    def pinned(self, job: Job) -> dict[str, PinnedTable]:
        """What it reads, each at its pinned version."""
        locations = {name: self.lake.table(name).metadata_location for name in self.inputs}
        return {name: PinnedTable(name, at, job.pins[name].snapshot_id) for name, at in locations.items()}

    def assess(self, job: Job, snapshot_id: int, exempt: Mapping[str | None, frozenset[Partition]]) -> list[Assessment]:
        """dbt's tests, and that the branch holds exactly the rows they were run on."""
        outcome = json.loads(self._staging(job, "json").read_text())
        result = MartResult(**outcome["result"] | {"checks": [CheckOutcome(**c) for c in outcome["result"]["checks"]]})
        checks = [Check(c.name, None, SEVERITY[c.severity], c.passed, f"{c.failures} failures") for c in result.checks]
        sound = result.built and result.error is None
        checks.append(Check("dbt built and tested it", None, "critical", sound, result.error or "built", False))
        if outcome["rows"] is not None:
            same = content_hash(self.lake.table(self.name), snapshot_id) == outcome["rows"]
            checks.append(Check("the branch holds the tested rows", None, "critical", same, outcome["rows"], False))
        return [Assessment(None, tuple(checks))]

    def written(self, base: int, snapshot_id: int) -> frozenset[Partition]:
        """The whole mart if its rows changed."""
        return partitions.changed(self.lake.table(self.name), base, snapshot_id, lambda v: WHOLE) or frozenset()

    def complete_through(self, pins: Pins, branch_head: int) -> str | None:
        """The least of what the inputs say; the listing has no say, nor has a source that has not delivered yet."""
        pinned = [pins[name] for name in self.inputs if name != "raw.objects"]
        bounds = [pin.provenance.complete_through for pin in pinned if pin.provenance and pin.is_fed]
        return None if None in bounds else min(filter(None, bounds), default=None)


def _remove(staging: Path) -> None:
    for file in (staging, staging.with_name(f"{staging.name}.wal")):
        file.unlink(missing_ok=True)


def _run_dbt(builds: Sequence[tuple[Mart, Job]], staging: Path) -> dict[str, MartResult]:
    """Build and test marts, none of which reads another, with one call of dbt."""
    if not builds:
        return {}
    staging.parent.mkdir(parents=True, exist_ok=True)
    pinned = {name: table for mart, job in builds for name, table in mart.pinned(job).items()}
    return builds[0][0].project.build(
        [mart.name for mart, _ in builds],
        staging=staging,
        inputs=[table for name, table in pinned.items() if not name.startswith("marts.")],
        mart_tables=[table for name, table in pinned.items() if name.startswith("marts.")],
        complete_through={mart.name: mart.complete_through(job.pins, job.base) for mart, job in builds},
    )


def _staged_rows(staging: Path, mart: str) -> pa.Table:
    with duckdb.connect(str(staging), read_only=True) as connection:
        return connection.sql(f"select * from {mart}").to_arrow_table()  # noqa: S608 - a model's own name


def _schema(columns: Mapping[str, str]) -> Schema:
    """Iceberg schema of DuckDB column types, by way of an empty DuckDB result."""
    from pyiceberg.io.pyarrow import _ConvertToIcebergWithoutIDs, visit_pyarrow
    from pyiceberg.schema import assign_fresh_schema_ids

    nulls = ", ".join(f'cast(null as {kind}) as "{name}"' for name, kind in columns.items())
    empty = duckdb.sql(f"select {nulls} limit 0").to_arrow_table()
    return assign_fresh_schema_ids(visit_pyarrow(empty.schema, _ConvertToIcebergWithoutIDs()))
