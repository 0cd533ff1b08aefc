"""What datasets of days have in common: their range, their changed days and how their rows are gated."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from pyiceberg.expressions import And, BooleanExpression

from expectations.contract import Contract
from infra.app.kinds.assess import assess_arrow, assess_spark, assess_volumes
from infra.app.kinds.days import is_among, write_days
from infra.app.session import Engine, write_options
from infra.lake import partitions
from infra.lake.catalog import Lake
from infra.lake.filters import equals, on_days
from infra.lake.partitions import PartitionValues, days_between
from infra.lake.provenance import Provenance
from infra.loop.dataset import Assessment, Check, Dataset, Job, Pins
from infra.loop.plan import Node, Partition

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class Daily(Dataset):
    """A dataset with one partition a day, computed by a pure function of Spark frames."""

    def __init__(self, lake: Lake, engine: Engine, contract: Contract, node: Node, first_day: date) -> None:
        super().__init__(lake, node, contract.quality())
        self.engine = engine
        self.contract = contract
        self.first_day = first_day.isoformat()
        self.hashed = [column.name for column in contract.columns if not column.arrival]

    @abstractmethod
    def input_day(self, name: str) -> Callable[[PartitionValues], str | None]:
        """How the partitions of one input name the day that this dataset reads them by."""

    @abstractmethod
    def rows(self, job: Job) -> "DataFrame":
        """The rows of the days to build."""

    @property
    def arrival_columns(self) -> tuple[str, ...]:
        """Columns that say when and how rows came in."""
        return tuple(column.name for column in self.contract.columns if column.arrival)

    def prepare(self) -> None:
        """Create the table, or add the columns its contract gained."""
        self.lake.ensure(self.name, self.contract.iceberg_schema(), self.contract.partition_by)

    def wanted(self, pins: Pins) -> frozenset[Partition]:
        """Every day from the first to the newest event day of any source, none before the dataset's own first day.

        There are none before anything that it reads has been delivered.
        """
        if not any(pins[name].is_fed for name in self.inputs):
            return frozenset()
        seen = [pin.provenance.event_days for pin in pins.values() if pin.provenance and pin.provenance.event_days]
        if not seen:
            return frozenset()
        first = max(self.first_day, min(first for first, _ in seen))
        return frozenset(days_between(first, max(last for _, last in seen)))

    def had(self, published: Provenance) -> frozenset[Partition]:
        """The range of days the published version covers."""
        return frozenset(days_between(*published.covers)) if published.covers else frozenset()

    def changed(self, name: str, before: str, now: str) -> frozenset[Partition] | None:
        """Days of an input that moved, from the metadata of its table."""
        return partitions.changed(self.lake.table(name), int(before), int(now), self.input_day(name))

    def input_fingerprint(self, pins: Pins, partitions_: frozenset[Partition], source: str | None) -> str:
        """The files of every input day in the windows of some output days."""
        texts = []
        for name in self.inputs:
            if source is not None and name != f"raw.{source}":
                continue
            texts.append(self._fingerprint_of(name, pins[name].snapshot_id, partitions_))
        return "\n".join(texts)

    def _fingerprint_of(self, name: str, snapshot_id: int, outputs: frozenset[Partition]) -> str:
        window, day_of = self.node.windows[name], self.input_day(name)
        spans = [window.reads(day, "0001-01-01") for day in outputs]
        days = {day for first, last in spans if window.before is not None for day in days_between(first, last)}
        newest = max((last for _, last in spans), default="")

        def chosen(values: PartitionValues) -> bool:
            day = day_of(values)
            return day is not None and (day in days if window.before is not None else day <= newest)

        return partitions.fingerprint(self.lake.table(name), snapshot_id, chosen)

    def build(self, job: Job) -> None:
        """Write the due days whose rows came out different."""
        due = [day for day in job.plan.build if day in job.plan.wanted]
        rows = self.rows(job) if due else self.engine.read(self.name, job.base).limit(0)
        options = write_options(self.rows_of_a_day(job))
        write_days(self.engine, self.lake, self.name, job, rows, self.hashed, options)

    def rows_of_a_day(self, job: Job) -> int:
        """How many rows the largest of the due days may have, where that can be told before they are built; else 0."""
        return 0

    def written(self, base: int, snapshot_id: int) -> frozenset[Partition]:
        """Days whose rows changed; the whole range where it cannot be told."""
        days = partitions.changed(self.lake.table(self.name), base, snapshot_id, lambda values: values["day"])
        assert days is not None, "a run's branch starts at its base"  # noqa: S101
        return days

    def assess_rows(
        self, snapshot_id: int, days: Iterable[Partition], source: str | None, closed_through: str | None
    ) -> Assessment:
        """Run the contract's rules on some days (of one source): small ones on pandas, large ones on Spark."""
        table = self.lake.table(self.name)
        by_source = partitions.among("source", [source]) if source else partitions.everything
        daily = partitions.rows_by(table, snapshot_id, "day", by_source)
        touched = sorted(days)
        closed = {date.fromisoformat(day): rows for day, rows in daily.items() if day <= (closed_through or "")}
        gated = frozenset(date.fromisoformat(day) for day in touched if day <= (closed_through or ""))
        if not sum(daily[day] for day in touched):
            # Days may well be empty; a table (or a source in it) may not.
            present = Check("rows where rows must be", None, "critical", bool(daily), f"{sum(daily.values())} rows")
            return Assessment(source, (present, *assess_volumes(self.contract, closed, gated)))
        if sum(daily[day] for day in touched) > self.lake.settings.gate_pandas_rows:
            rows = self.engine.read(self.name, snapshot_id).where(is_among("day", touched))
            rows = rows.where(rows["source"] == source) if source else rows
            return assess_spark(self.contract, rows, source, closed, gated)
        arrow = table.scan(snapshot_id=snapshot_id, row_filter=_filter(touched, source)).to_arrow()
        return assess_arrow(self.contract, arrow, source, closed, gated)


def _filter(days: list[Partition], source: str | None) -> BooleanExpression:
    among = on_days("day", days)
    return And(among, equals("source", source)) if source else among


def without_exempt(
    days: Iterable[Partition], exempt: Mapping[str | None, frozenset[Partition]], source: str | None
) -> list[Partition]:
    """Days left to gate once those accepted by hand are taken out."""
    return sorted(set(days) - exempt.get(source, frozenset()))
