"""`raw.<source>`: the decoded records of one source's objects; the planning unit is the landed object."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from expectations.contract import Contract, SourceForm
from expectations.record_schema import record_schema
from infra.app.code import code_hash
from infra.app.kinds.assess import assess_arrow, assess_spark
from infra.app.kinds.landing_objects import OBJECTS, object_key
from infra.app.kinds.mapping import enveloped
from infra.app.kinds.record_format import format_module, record_format, wire_columns
from infra.app.session import Engine, write_options
from infra.lake import partitions
from infra.lake.catalog import CATALOG_NAME, Lake
from infra.lake.filters import equals, is_in
from infra.lake.landing import Landing
from infra.lake.provenance import Provenance
from infra.loop.dataset import Assessment, Check, Dataset, Job, Pins
from infra.loop.plan import Grain, Node, Partition, Window, shift

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Row = dict[str, Any]
LISTED: Final = pa.schema(
    {
        "object_sha256": pa.string(),
        "object_name": pa.string(),
        "path": pa.string(),
        "received_at": pa.timestamp("us", "UTC"),
    }
)


class RawSource(Dataset):
    """Decodes unseen objects and appends them; takes out superseded ones; decodes old ones anew only when asked."""

    def __init__(
        self, lake: Lake, engine: Engine, contract: Contract, targets: Mapping[str, Contract], envelope: Contract
    ) -> None:
        assert contract.source is not None, "a raw contract has a source form"  # noqa: S101
        modules = [f"spark_jobs.{contract.name}", format_module(contract)]
        texts = [contract.semantics(), envelope.semantics(), *(target.semantics() for target in targets.values())]
        node = Node(contract.name, Grain.OBJECT, {OBJECTS: Window()}, code_hash(modules, texts))
        super().__init__(lake, node, envelope.quality() + contract.quality())
        self.engine = engine
        self.landing = Landing(lake.settings)
        self.contract = contract
        self.targets = targets
        self.envelope = envelope
        self.form: SourceForm = contract.source
        self.format = record_format(contract)
        self.schema = record_schema(contract, targets, envelope)

    @property
    def arrival_columns(self) -> tuple[str, ...]:
        """Columns that say when and how rows came in."""
        return tuple(column.name for column in self.envelope.columns if column.arrival)

    def prepare(self) -> None:
        """Create the table, or add the columns its contracts gained."""
        self.lake.ensure(self.name, self.schema, ("target", "event_day", "received_hour"))

    def wanted(self, pins: Pins) -> frozenset[Partition]:
        """The objects of this source that nothing supersedes."""
        return frozenset(self._objects(pins[OBJECTS].snapshot_id) or {})

    def had(self, published: Provenance) -> frozenset[Partition]:
        """The objects taken in; where the version that listed them was expired, those that left records."""
        listed = self._objects(int(published.inputs[OBJECTS]))
        return frozenset(listed) if listed is not None else frozenset(self._rows_by_object(None, None))

    def changed(self, name: str, before: str, now: str) -> frozenset[Partition]:
        """Objects never change: they come, and they are superseded, which `wanted` and `had` say."""
        return frozenset()

    def input_fingerprint(self, pins: Pins, partitions: frozenset[Partition], source: str | None) -> str:
        """The objects are named by their content; what is compared with is their count."""
        objects = self._objects(pins[OBJECTS].snapshot_id) or {}
        return "\n".join(f"{key} {objects[key]['records'] if key in objects else ''}" for key in sorted(partitions))

    def build(self, job: Job) -> None:
        """Take out the due objects' records, then append those of the objects that count."""
        objects = self._objects(job.pins[OBJECTS].snapshot_id) or {}
        decoded = self._decoded(job.base, job.plan.build)
        again = [key for key in job.plan.build if key in decoded]
        if again:
            self._remove(job.branch, again)
        rows = [objects[key] for key in job.plan.build if key in objects]
        if rows:
            table = f"{CATALOG_NAME}.{self.name}.branch_{job.branch}"
            # Their days are known once they are decoded. An object mostly has its own, and one task decodes it.
            options = write_options(sum(row["records"] for row in rows))
            self.decode(rows).writeTo(table).options(**options).append()

    def decode(self, objects: list[Row]) -> "DataFrame":
        """The records of some objects: good ones typed for their target, bad ones with their bytes and a reason."""
        from pyspark.sql import functions as F

        listed = [
            {
                "object_sha256": row["object_sha256"],
                "object_name": row["name"],
                "path": self._file(row),
                "received_at": row["received_at"],
            }
            for row in objects
        ]
        # An Arrow table reaches Spark as it is; of a list, Python workers of their own would make rows.
        frame = self.engine.spark.createDataFrame(pa.Table.from_pylist(listed, LISTED))
        records = self.format.read_records(frame, columns=wire_columns(self.contract), options=self.form.format)
        judged_by = {"contract_version": self.contract.version, "mapping_code": self.node.code}
        mapped = enveloped(self.contract, self.targets, records)
        return mapped.withColumns({name: F.lit(value) for name, value in judged_by.items()})

    def _file(self, row: Row) -> str:
        """Where Spark finds the bytes of an object, unharmed: it knows nothing of the landing store."""
        return str(self.landing.file(row["source"], f"{row['object_sha256']}/{row['name']}"))

    def assess(self, job: Job, snapshot_id: int, exempt: Mapping[str | None, frozenset[Partition]]) -> list[Assessment]:
        """Every record that the independent count found in an object must be one row; then the contract's own rules."""
        objects = self._objects(job.pins[OBJECTS].snapshot_id) or {}
        due = {key: objects[key] for key in job.plan.build if key in objects}
        decoded = self._rows_by_object(snapshot_id, {row["object_sha256"] for row in due.values()})
        wrong = {key for key, row in due.items() if decoded.get(key, 0) != row["records"]}
        gone = self._decoded(snapshot_id, [key for key in job.plan.build if key not in objects])
        example = f"; first: {min(wrong)}" if wrong else ""
        counted = Check("every record of an object is one row", None, "critical", not wrong, f"{len(wrong)}{example}")
        removed = Check("superseded objects left no row", None, "critical", not gone, str(len(gone)))
        return [Assessment(None, (counted, removed, *self._rules(snapshot_id, due)))]

    def _rules(self, snapshot_id: int, due: Mapping[Partition, Row]) -> tuple[Check, ...]:
        """The contract's rules about the table, run on the rows of the due objects."""
        if not self.contract.rules or not due:
            return ()
        digests = {row["object_sha256"] for row in due.values()}
        if sum(row["records"] for row in due.values()) > self.lake.settings.gate_pandas_rows:
            rows = self.engine.read(self.name, snapshot_id)
            return assess_spark(self.contract, rows.where(rows["object_sha256"].isin(digests)), None).checks
        scan = self.lake.table(self.name).scan(snapshot_id=snapshot_id, row_filter=is_in("object_sha256", digests))
        return assess_arrow(self.contract, scan.to_arrow(), None).checks

    def written(self, base: int, snapshot_id: int) -> frozenset[Partition]:
        """Event days whose records changed."""
        return (
            partitions.changed(self.lake.table(self.name), base, snapshot_id, lambda v: v["event_day"]) or frozenset()
        )

    def event_days(self, pins: Pins, branch_head: int) -> tuple[str, str] | None:
        """First and newest event day of this source."""
        days = partitions.rows_by(self.lake.table(self.name), branch_head, "event_day")
        return (min(days), max(days)) if days else None

    def complete_through(self, pins: Pins, branch_head: int) -> str | None:
        """The source's watermark: its newest event day less the lateness its contract declares."""
        days = self.event_days(pins, branch_head)
        return shift(days[1], -self.form.lateness_days) if days else None

    def _objects(self, snapshot_id: int) -> dict[Partition, Row] | None:
        """This source's rows of `raw.objects` that count, by object key; None where that version was expired."""
        table = self.lake.table(OBJECTS)
        if table.snapshot_by_id(snapshot_id) is None:
            return None
        rows = table.scan(snapshot_id=snapshot_id, row_filter=equals("source", self.contract.short_name)).to_arrow()
        return {object_key(row): row for row in rows.to_pylist() if row["verdict"] != "superseded"}

    def _decoded(self, snapshot_id: int, keys: Iterable[Partition]) -> frozenset[Partition]:
        """Those of some objects that have rows."""
        wanted = frozenset(keys)
        return wanted & self._rows_by_object(snapshot_id, {key.split("/", 2)[1] for key in wanted}).keys()

    def _rows_by_object(self, snapshot_id: int | None, sha256s: set[str] | None) -> dict[Partition, int]:
        if sha256s is not None and not sha256s:
            return {}
        scan = self.lake.table(self.name).scan(
            snapshot_id=snapshot_id, selected_fields=("object_sha256", "object_name")
        )
        if sha256s:
            scan = scan.filter(is_in("object_sha256", sha256s))
        grouped = scan.to_arrow().group_by(["object_sha256", "object_name"]).aggregate([([], "count_all")])
        return {
            f"{self.contract.short_name}/{row['object_sha256']}/{row['object_name']}": row["count_all"]
            for row in grouped.to_pylist()
        }

    def _remove(self, branch: str, keys: list[Partition]) -> None:
        pairs = [key.split("/", 2)[1:] for key in keys]
        sha256s = ", ".join(f"'{sha256}'" for sha256 in sorted({sha256 for sha256, _ in pairs}))
        # Names are whatever somebody called a file: they go into the statement as hexadecimal digits only.
        names = ", ".join(f"decode(unhex('{'/'.join(pair).encode().hex()}'), 'utf-8')" for pair in pairs)
        self.engine.spark.sql(
            f"delete from {CATALOG_NAME}.{self.name}.branch_{branch} "  # noqa: S608
            f"where object_sha256 in ({sha256s}) and concat_ws('/', object_sha256, object_name) in ({names})"
        )
