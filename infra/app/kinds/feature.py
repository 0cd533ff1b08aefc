"""`features.*`: one Spark function over the windows its contract declares, right as of the end of each day."""

import importlib
from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from expectations.contract import Contract
from infra.app.code import code_hash
from infra.app.kinds.daily import Daily, without_exempt
from infra.app.kinds.days import in_window, is_among, spine
from infra.app.session import Engine
from infra.lake import partitions
from infra.lake.catalog import Lake
from infra.lake.partitions import PartitionValues
from infra.loop.dataset import Assessment, Check, Job, Pins
from infra.loop.plan import Grain, Node, Partition, Window, shift

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class Feature(Daily):
    """A feature table; where its contract carries state, it also reads its own day before the first one built."""

    def __init__(self, lake: Lake, engine: Engine, contract: Contract, first_day: date) -> None:
        windows = {name: Window(window.before, window.after) for name, window in contract.inputs.items()}
        code = code_hash([f"spark_jobs.{contract.name}"], [contract.semantics()])
        node = Node(contract.name, Grain.DAY, windows, code, contract.carries_state)
        super().__init__(lake, engine, contract, node, first_day)

    def input_day(self, name: str) -> Callable[[PartitionValues], str | None]:
        """Events and features name their day alike."""
        return lambda values: values["day"]

    def input_fingerprint(self, pins: Pins, partitions_: frozenset[Partition], source: str | None) -> str:
        """The windows' files and, where state is carried, those of the published day before."""
        inputs = super().input_fingerprint(pins, partitions_, source)
        if not (self.node.carries_state and partitions_):
            return inputs
        chosen = partitions.among("day", [shift(min(partitions_), -1)])
        table = self.lake.table(self.name)
        return inputs + partitions.fingerprint(table, table.refs()["main"].snapshot_id, chosen)

    def rows(self, job: Job) -> "DataFrame":
        """The feature's rows of the days to build."""
        days = [day for day in job.plan.build if day in job.plan.wanted]
        frames = {name.split(".")[1]: self._input(name, job) for name in self.inputs}
        if self.node.carries_state:
            # Only a day that still exists hands its state on: one that fell off the front must not.
            before = shift(min(days), -1)
            state = self.engine.read(self.name, job.base)
            frames["previous"] = state.where(is_among("day", {before} & job.plan.wanted))
        transform = getattr(importlib.import_module(f"spark_jobs.{self.name}"), self.contract.short_name)
        made: DataFrame = transform(**frames, days=spine(self.engine, days), **self.contract.parameters)
        return made

    def _input(self, name: str, job: Job) -> "DataFrame":
        frame = self.engine.read(name, job.pins[name].snapshot_id)
        return in_window(frame, "day", self.node, name, job, self.first_day)

    def complete_through(self, pins: Pins, branch_head: int) -> str | None:
        """The least of what the inputs say, each less the days after its own that a day of this feature reads.

        One that nothing was delivered for has no say.
        """
        bounds = []
        for name in filter(lambda one: pins[one].is_fed, self.inputs):
            read = pins[name].provenance
            if read is None or read.complete_through is None:
                return None
            bounds.append(shift(read.complete_through, -self.node.windows[name].after))
        return min(bounds, default=None)

    def assess(self, job: Job, snapshot_id: int, exempt: Mapping[str | None, frozenset[Partition]]) -> list[Assessment]:
        """Gate the days whose rows changed."""
        days = without_exempt(self.written(job.base, snapshot_id), exempt, None)
        if not days:
            same = Check("all due days came out as published, or were accepted", None, "critical", True, "0 days")
            return [Assessment(None, (same,))]
        return [self.assess_rows(snapshot_id, days, None, self.complete_through(job.pins, snapshot_id))]
