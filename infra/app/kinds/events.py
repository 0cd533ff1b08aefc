"""`events.*`: one row per event, its identity resolved over every source whose mapping names the table."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING

from expectations.contract import Contract
from expectations.contract_error import ContractError
from expectations.record_schema import payload_columns
from infra.app.code import code_hash
from infra.app.kinds.conservation import Feed, Question, conserved
from infra.app.kinds.daily import Daily, without_exempt
from infra.app.kinds.days import in_window, is_among, spine
from infra.app.kinds.spread_ids import spread_in_memory, spread_on_spark
from infra.app.session import Engine, write_options
from infra.lake import branch, partitions, provenance
from infra.lake.catalog import CATALOG_NAME, Lake
from infra.lake.partitions import PartitionValues
from infra.loop.build import held_keys, pending_of
from infra.loop.dataset import Assessment, Check, Job, Pins
from infra.loop.plan import Grain, Node, Partition, Pending, Why, Window, shift

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

ORIGIN = ("object_sha256", "object_name", "position")
WINDOW = "identity_window_days"
RESOLVED_BY = ("event_day", "record_id", "payload_hash", "version", *ORIGIN)


class Events(Daily):
    """Reads the good records of a day and its neighbours from each source; the only kind published in part."""

    def __init__(self, lake: Lake, engine: Engine, contract: Contract, sources: Mapping[str, Contract]) -> None:
        self.sources = {name: source for name, source in sources.items() if _feeds(source, contract.name)}
        if unknown := sorted(contract.parameters.keys() - {WINDOW}):
            raise ContractError(contract.path, "parameters", f"{unknown[0]} is none of an event's", f"Use {WINDOW}")
        self.identity_window_days = days = int(contract.parameters.get(WINDOW, 1))
        windows = {name: Window(days, days) for name in sorted(self.sources)}
        # Which sources feed it is no part of its code: a new one is an input that is seen for the first time.
        code = code_hash(["spark_jobs.functions.good_events"], [contract.semantics()])
        first_day = min((s.first_day for s in self.sources.values() if s.first_day), default=date.max)
        super().__init__(lake, engine, contract, Node(contract.name, Grain.DAY, windows, code), first_day)

    @property
    def goes_on_without(self) -> bool:
        """Always: in whatever order the records of its sources come, it ends up the same."""
        return True

    def input_day(self, name: str) -> Callable[[PartitionValues], str | None]:
        """The event day of the records meant for this table."""
        return lambda values: values["event_day"] if values["target"] == self.name else None

    def wanted(self, pins: Pins) -> frozenset[Partition]:
        """The days of its sources; none before one of them has delivered a record that is meant for this table."""
        published = self.published()
        is_begun = published is not None and published.covers is not None
        return super().wanted(pins) if is_begun or self._is_meant(pins) else frozenset()

    def _is_meant(self, pins: Pins) -> bool:
        fed = (name for name in self.inputs if pins[name].is_fed)
        own = partitions.among("target", [self.name])
        return any(partitions.live_files(self.lake.table(name), pins[name].snapshot_id, own) for name in fed)

    def column_lineage(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        """Each column of the payload is that of the record which won; the others are the envelope's."""
        envelope = {"day": "event_day", "event_id": "record_id"} | {name: name for name in ORIGIN}
        payload = {name: f"{self.contract.short_name}.{name}" for name in payload_columns(self.contract)}
        fields = envelope | payload
        return {column: [(name, field) for name in self.inputs] for column, field in fields.items()}

    def rows(self, job: Job) -> "DataFrame":
        """The events of the days to build."""
        from spark_jobs.functions.good_events import good_events

        of_sources = [self._records(name, job) for name in self.inputs]
        # A version from before its contract gained a column has none of it.
        records = reduce(lambda left, right: left.unionByName(right, allowMissingColumns=True), of_sources)
        days = spine(self.engine, [day for day in job.plan.build if day in job.plan.wanted])
        return good_events(records, days, identity_window_days=self.identity_window_days)

    def rows_of_a_day(self, job: Job) -> int:
        """The most records of a due day that are meant for this table: each may be an event of its own."""
        due = frozenset(job.plan.build)

        def is_due(values: PartitionValues) -> bool:
            return values["target"] == self.name and values["event_day"] in due

        rows = Counter[str]()
        for name in self.inputs:
            for file in partitions.live_files(self.lake.table(name), job.pins[name].snapshot_id, is_due):
                rows[str(file.values["event_day"])] += file.rows
        return max(rows.values(), default=0)

    def _records(self, name: str, job: Job) -> "DataFrame":
        from pyspark.sql import functions as F

        form = self.sources[name].source
        rows = self.engine.read(name, job.pins[name].snapshot_id).where(F.col("target") == self.name)
        rows = in_window(rows, "event_day", self.node, name, job, self.first_day)
        there = branch.columns(self.lake.table(name), job.pins[name].snapshot_id)
        payload = [f"{self.contract.short_name}.*"] if self.contract.short_name in there else []
        return rows.select(
            F.lit(self.sources[name].short_name).alias("source"),
            F.lit(form.namespace if form else "").alias("namespace"),
            *RESOLVED_BY,
            *payload,
        )

    def assess(self, job: Job, snapshot_id: int, exempt: Mapping[str | None, frozenset[Partition]]) -> list[Assessment]:
        """Gate each source by itself, and the identity of events over all of them."""
        touched = self.written(job.base, snapshot_id)
        closed = self.complete_through(job.pins, snapshot_id)
        conserved = self._conserved(job, snapshot_id, touched)
        assessments = []
        for name in self.inputs:
            source = self.sources[name].short_name
            checks = [conserved[source]] if source in conserved else []
            days = without_exempt(touched, exempt, source)
            if days and self._has_part_in(source, job, snapshot_id, days):
                checks += self.assess_rows(snapshot_id, days, source, closed).checks
            if checks:
                assessments.append(Assessment(source, tuple(checks)))
        return [*assessments, Assessment(None, (self._unique_ids(snapshot_id, touched),))]

    def _conserved(self, job: Job, snapshot_id: int, touched: frozenset[Partition]) -> dict[str, Check]:
        """For each source whether the days that were built, changed or not, have the events of its records.

        What the seal says a source owes on a day is left out: the gate or a range of days keeps it back. Nobody can
        accept a loss, so what was accepted by hand is asked about as well.
        """
        sealed = provenance.read(self.lake.table(self.name), snapshot_id)
        pending = pending_of(sealed) if sealed else {}
        due = (frozenset(job.plan.build) | touched) & job.plan.wanted
        checks: dict[str, Check] = {}
        for sources in {self.sharing_identity(contract.short_name) for contract in self.sources.values()}:
            owed = frozenset(day for day, left in pending.items() if _keeps_back(left, sources))
            asked = Question(
                table=self.name,
                snapshot_id=snapshot_id,
                feeds=[
                    Feed(source, f"raw.{source}", job.pins[f"raw.{source}"].snapshot_id) for source in sorted(sources)
                ],
                due=due - owed,
                near=self._near(due - owed),
                owed=owed,
                window_days=self.identity_window_days,
            )
            checks |= conserved(self.lake, self.engine, asked)
        return checks

    def _near(self, days: frozenset[Partition]) -> frozenset[Partition]:
        reach = range(-self.identity_window_days, self.identity_window_days + 1)
        return frozenset(shift(day, offset) for day in days for offset in reach)

    def _has_part_in(self, source: str, job: Job, snapshot_id: int, days: list[Partition]) -> bool:
        """Whether the touched days hold rows of a source, or held some before."""
        table, chosen = self.lake.table(self.name), partitions.among("source", [source])
        held = [partitions.rows_by(table, version, "day", chosen).keys() for version in (job.base, snapshot_id)]
        return any(day in rows for rows in held for day in days)

    def _unique_ids(self, snapshot_id: int, touched: frozenset[Partition]) -> Check:
        """An id stands in one day only: identity is resolved within a window, so a wider spread must be seen here."""
        name = f"event ids stand once in the whole table (else widen identity_window_days of {self.name})"
        sources = self._identified_in_part()
        days = partitions.rows_by(self.lake.table(self.name), snapshot_id, "day", partitions.among("source", sources))
        if not touched & days.keys():
            return Check(name, "event_id", "critical", passed=True, observed="implied by identity or nothing touched")
        asked = (self.name, snapshot_id, sources, touched)
        fits = sum(days.values()) <= self.lake.settings.gate_duckdb_rows
        spread = spread_in_memory(self.lake, *asked) if fits else spread_on_spark(self.engine, *asked)
        return Check(name, "event_id", "critical", spread == 0, f"{spread} ids in more than one day")

    def _identified_in_part(self) -> list[str]:
        """The feeds whose ids may stand in several days, and those that share a namespace with them.

        Where a record's identity is all it says, its time is part of it: equal ids cannot be days apart.
        """
        in_part = [s for s in self.sources.values() if s.source and len(s.source.identity) < len(s.columns)]
        return sorted(frozenset().union(*(self.sharing_identity(s.short_name) for s in in_part)))

    def sharing_identity(self, source: str) -> frozenset[str]:
        """The feeds of the same platform: a duplicate in one may be the good record in another."""
        spaces = {one.short_name: one.source.namespace for one in self.sources.values() if one.source}
        return frozenset(name for name, namespace in spaces.items() if namespace == spaces[source])

    def complete_through(self, pins: Pins, branch_head: int) -> str | None:
        """The least of what the sources say; one that has not delivered yet has no say."""
        read = [pins[name].provenance for name in self.inputs]
        return min((p.complete_through for p in read if p and p.complete_through), default=None)

    def first_seen(self, name: str, now: str) -> frozenset[Partition]:
        """A source that is read for the first time concerns the days it has delivered, and no other."""
        table, day_of = self.lake.table(name), self.input_day(name)
        days = (day_of(file.values) for file in partitions.live_files(table, int(now)))
        return frozenset(day for day in days if day is not None)

    def hold_back(self, job: Job, sealed: int, sources: frozenset[str]) -> None:
        """Start the branch again from the published version and copy onto it what the other sources changed."""
        from pyspark.sql import functions as F

        published = self.lake.table(self.name)
        changed = partitions.changed(published, job.base, sealed, lambda v: f"{v['source']} {v['day']}") or frozenset()
        branch.create(self.lake, self.name, job.branch, at=job.base)
        for source in sorted({pair.split(" ")[0] for pair in changed} - sources):
            days = [pair.split(" ")[1] for pair in changed if pair.split(" ")[0] == source]
            kept = (F.col("source") == source) & is_among("day", days)
            rows = self.engine.read(self.name, sealed).where(kept)
            table = f"{CATALOG_NAME}.{self.name}.branch_{job.branch}"
            rows.writeTo(table).options(**write_options()).overwrite(kept)


def _keeps_back(left: Pending, sources: frozenset[str]) -> bool:
    """Whether a day that was left lacks records of some sources; one that older code built has them all."""
    if left.why is Why.HELD:
        return not sources.isdisjoint(held_keys(left.about))
    return left.why is not Why.CODE


def _feeds(source: Contract, target: str) -> bool:
    return source.source is not None and target in source.source.targets
