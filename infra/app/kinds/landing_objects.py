"""`raw.objects`: one row per landed object version, with an independent count of its records and its verdict."""

from collections.abc import Mapping, Set
from typing import Any, Final

import pyarrow as pa

from expectations.contract import Contract
from infra.app.code import code_hash
from infra.app.kinds.record_format import count, is_readable
from infra.lake import partitions
from infra.lake.catalog import Lake
from infra.lake.errors import GuanxiError
from infra.lake.filters import equals
from infra.lake.landing import Landing
from infra.lake.provenance import Provenance
from infra.lake.receipt import LandedObject
from infra.lake.rows import replace_rows
from infra.loop.dataset import Assessment, Dataset, Job, Pins
from infra.loop.plan import Grain, Node, Partition, Window

OBJECTS: Final = "raw.objects"
LANDING: Final = "landing"
COUNTERS: Final = ("spark_jobs.functions.count_items", "spark_jobs.functions.count_records")
MANY: Final = 10
"""From so many known objects on, most of them are not taken for gone."""
Row = dict[str, Any]


def object_key(row: Mapping[str, Any]) -> Partition:
    """The planner's name of an object version: source, content, name."""
    return f"{row['source']}/{row['object_sha256']}/{row['name']}"


class LandingObjects(Dataset):
    """Counts and judges what the landing store holds; its input is the store's listing."""

    def __init__(self, lake: Lake, contract: Contract, sources: Mapping[str, Contract]) -> None:
        code = code_hash(COUNTERS, [contract.semantics()])
        super().__init__(lake, Node(OBJECTS, Grain.OBJECT, {LANDING: Window()}, code), contract.quality())
        self.contract = contract
        self.sources = sources
        self.landing = Landing(lake.settings)

    @property
    def arrival_columns(self) -> tuple[str, ...]:
        """Columns that say when and how rows came in."""
        return tuple(column.name for column in self.contract.columns if column.arrival)

    def prepare(self) -> None:
        """Create the table, or add the columns its contract gained."""
        self.lake.ensure(self.name, self.contract.iceberg_schema(), self.contract.partition_by)

    def wanted(self, pins: Pins) -> frozenset[Partition]:
        """Every object in the landing store."""
        return frozenset(f"{item.source}/{item.key}" for item in self._landed())

    def had(self, published: Provenance) -> frozenset[Partition]:
        """Every object that has a row."""
        return frozenset(self._rows())

    def changed(self, name: str, before: str, now: str) -> frozenset[Partition]:
        """Objects that were declared to supersede others after they had been taken in."""
        rows = self._rows()
        landed = {f"{item.source}/{item.key}": list(item.supersedes) for item in self._landed()}
        return frozenset(key for key, row in rows.items() if key in landed and row["supersedes"] != landed[key])

    def input_fingerprint(self, pins: Pins, partitions: frozenset[Partition], source: str | None) -> str:
        """The objects are immutable: their names and the listing say it all."""
        return pins[LANDING].version

    def build(self, job: Job) -> None:
        """Count the new objects, judge all of them anew, and write the sources whose rows came out different."""
        before = self._rows()
        landed = {f"{item.source}/{item.key}": item for item in self._landed()}
        self._refuse_another_place(before, landed.keys())
        rows = {key: dict(row) for key, row in before.items() if key in landed and key not in job.plan.build}
        rows.update({key: self._take_in(landed[key]) for key in job.plan.build if key in landed})
        _judge(rows)
        for source in sorted({row["source"] for row in [*rows.values(), *before.values()]}):
            new = {key: row for key, row in rows.items() if row["source"] == source}
            if new != {key: row for key, row in before.items() if row["source"] == source}:
                self._overwrite(job.branch, source, list(new.values()))

    def _refuse_another_place(self, before: Mapping[Partition, Row], landed: Set[Partition]) -> None:
        """Raise GuanxiError where so much is gone that the settings are likelier wrong than the objects removed.

        What belonged to a source that has no contract any more is not missed.
        """
        known = {key for key, row in before.items() if row["source"] in self.sources}
        gone = len(known - landed)
        is_too_much = gone == len(known) or (len(known) >= MANY and gone > len(known) / 2)
        if gone and is_too_much and not self.lake.settings.landing_may_shrink:
            raise GuanxiError(
                f"{self.landing.store.place('')}: {gone} of the {len(known)} objects that are known are not in this "
                "landing store. See whether GUANXI_LANDING_URL and GUANXI_HOME name the right place; else restore "
                f"them. Whoever removed them on purpose sets GUANXI_LANDING_MAY_SHRINK=true for one run of {OBJECTS}."
            )

    def assess(self, job: Job, snapshot_id: int, exempt: Mapping[str | None, frozenset[Partition]]) -> list[Assessment]:
        """Run the contract's rules on the rows of the objects that were due."""
        from infra.app.kinds.assess import assess_arrow

        rows = [row for key, row in self._rows(snapshot_id).items() if key in job.plan.build]
        table = pa.Table.from_pylist(rows, schema=self.lake.table(self.name).schema().as_arrow())
        return [assess_arrow(self.contract, table, None)]

    def written(self, base: int, snapshot_id: int) -> frozenset[Partition]:
        """Sources whose objects changed."""
        return partitions.changed(self.lake.table(self.name), base, snapshot_id, lambda v: v["source"]) or frozenset()

    def complete_through(self, pins: Pins, branch_head: int) -> str | None:
        """The listing has no end of its own: each source's table says how far it is complete."""
        return None

    def _landed(self) -> list[LandedObject]:
        return [item for item in self.landing.objects() if item.source in self.sources]

    def _rows(self, snapshot_id: int | None = None) -> dict[Partition, Row]:
        rows = self.lake.table(self.name).scan(snapshot_id=snapshot_id).to_arrow().to_pylist()
        return {object_key(row): row for row in rows}

    def _take_in(self, item: LandedObject) -> Row:
        data = self.landing.file(item.source, item.key).read_bytes()
        contract = self.sources[item.source]
        return {
            "source": item.source,
            "name": item.name,
            "object_sha256": item.sha256,
            "size_bytes": item.size_bytes,
            "records": count(contract, data),
            "received_at": item.received_at,
            "supersedes": list(item.supersedes),
            "verdict": "accepted" if is_readable(contract, data) else "unreadable",
            "superseded_by": None,
            "path": item.path,
        }

    def _overwrite(self, branch: str, source: str, rows: list[Row]) -> None:
        arrow = pa.Table.from_pylist(rows, schema=self.lake.table(self.name).schema().as_arrow())
        replace_rows(self.lake, self.name, branch, arrow, equals("source", source))


def _judge(rows: Mapping[Partition, Row]) -> None:
    """Give each object its verdict; whichever arrived first, what a later one supersedes is superseded."""
    superseded: dict[tuple[str, str], str] = {}
    for row in sorted(rows.values(), key=object_key):
        for sha256 in row["supersedes"]:
            superseded.setdefault((row["source"], sha256), row["object_sha256"])
    for row in rows.values():
        row["superseded_by"] = superseded.get((row["source"], row["object_sha256"]))
        if row["superseded_by"]:
            row["verdict"] = "superseded"
        elif row["verdict"] != "unreadable":
            row["verdict"] = "accepted" if row["records"] else "empty"
