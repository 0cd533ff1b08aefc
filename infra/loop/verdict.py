"""Verdicts of the gate: an append-only table, and the key that says when a verdict still binds."""

import hashlib
import json
import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from infra.lake.catalog import Lake
from infra.lake.errors import GuanxiError
from infra.lake.locks import table_locks
from infra.loop.dataset import Check, Dataset, Pins
from infra.loop.plan import Partition

log = logging.getLogger("guanxi.verdict")
GATE_RESULT = "ops.gate_result"
PASSED, FAILED, ACCEPTED, ERROR = "passed", "failed", "accepted", "error"


@dataclass(frozen=True)
class Verdict:
    """One answer of the gate about some partitions of one dataset (of one source's rows in them, or of all)."""

    dataset: str
    source: str | None
    partitions: tuple[Partition, ...]
    key: str
    verdict: str
    run: str
    snapshot_id: int | None = None
    checks: tuple[Check, ...] = ()
    reason: str | None = None
    content_hash: str | None = None
    seconds: float = 0.0
    at: datetime | None = None


def verdict_key(dataset: Dataset, pins: Pins, partitions: frozenset[Partition], source: str | None) -> str:
    """What a verdict depends on: the code, the rules and the content of the input partitions behind what was gated."""
    digest = hashlib.sha256()
    content = dataset.input_fingerprint(pins, partitions, source)
    for part in (dataset.name, source or "", dataset.node.code, dataset.quality, *sorted(partitions), content):
        digest.update(part.encode() + b"\n")
    return digest.hexdigest()[:32]


class UnrecordedError(GuanxiError):
    """Verdicts could not be put on record: nothing may be published that rests on them."""


class Verdicts:
    """The verdicts on record."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self._gathered: list[Verdict] | None = None
        self._read: dict[int, pa.Table] = {}

    @contextmanager
    def together(self) -> Iterator[None]:
        """Append what passes meanwhile as one version of the table.

        Where a process is killed before, what passed is gated again. What did not is appended at once: by then a branch
        may say that it holds days back, and who finds it must find out why. Raises UnrecordedError where the table
        takes nothing.
        """
        self._gathered = []
        try:
            yield
        except BaseException:
            try:
                self._append_gathered()
            except UnrecordedError:  # what ends the block is what is to be known
                log.exception("verdicts that passed are not on record")
            raise
        self._append_gathered()

    def _append_gathered(self) -> None:
        gathered, self._gathered = self._gathered or [], None
        try:
            self._append(gathered)
        except Exception as error:
            raise UnrecordedError(
                f"{GATE_RESULT} takes no verdicts ({type(error).__name__}, its traceback is in the log): "
                "mend the lake, then run again; what passed is gated once more"
            ) from error

    def record(self, verdicts: Sequence[Verdict]) -> None:
        """Append verdicts as of now."""
        stamped = [replace(verdict, at=verdict.at or datetime.now(UTC)) for verdict in verdicts]
        if self._gathered is not None and all(verdict.verdict == PASSED for verdict in stamped):
            self._gathered.extend(stamped)
        else:
            self._append(stamped)

    def _append(self, verdicts: Sequence[Verdict]) -> None:
        append_rows(self.lake, GATE_RESULT, [_to_row(verdict) for verdict in verdicts])

    def of(self, dataset: str) -> list[Verdict]:
        """Every verdict about a dataset, oldest first."""
        on_record = self._recorded()
        rows = on_record.filter(pc.equal(on_record["dataset"], dataset)).to_pylist() if on_record else []
        gathered = [verdict for verdict in self._gathered or () if verdict.dataset == dataset]
        return [_from_row(row) for row in sorted(rows, key=lambda row: row["at"])] + gathered

    def _recorded(self) -> pa.Table | None:
        """What is on record of all datasets; read once a version, as a step asks about each of them several times."""
        table = self.lake.find(GATE_RESULT)
        snapshot = table.current_snapshot() if table else None
        if table is None or snapshot is None:
            return None
        read = self._read.get(snapshot.snapshot_id)
        if read is None:
            read = table.scan(snapshot_id=snapshot.snapshot_id).to_arrow()
            self._read = {snapshot.snapshot_id: read}
        return read

    def binding(self, dataset: str) -> dict[tuple[str | None, str], Verdict]:
        """The last verdict for each source and key; an engine's crash (`error`) binds nobody."""
        bound: dict[tuple[str | None, str], Verdict] = {}
        for v in self.of(dataset):
            # What passed because it was accepted stays accepted: its run may be killed before it publishes.
            by_hand = (v.source, v.key) in bound and bound[v.source, v.key].verdict == ACCEPTED
            if v.verdict != ERROR and not (by_hand and v.verdict == PASSED):
                bound[v.source, v.key] = v
        return bound

    def refusal(self, dataset: Dataset, pins: Pins, due: Collection[Partition]) -> Verdict | None:
        """The verdict by which the gate has refused exactly what is due, so that a run would not build it again."""
        if not due:
            return None
        verdict = self.binding(dataset.name).get((None, verdict_key(dataset, pins, frozenset(due), None)))
        return verdict if verdict is not None and verdict.verdict == FAILED else None

    def is_accepted(self, dataset: str, source: str | None, key: str) -> bool:
        """Whether somebody let exactly this pass by hand."""
        verdict = self.binding(dataset).get((source, key))
        return verdict is not None and verdict.verdict == ACCEPTED

    def exempt(self, dataset: Dataset, pins: Pins) -> dict[str | None, frozenset[Partition]]:
        """Partitions by source that were accepted by hand and whose inputs have not moved since."""
        exempt: dict[str | None, frozenset[Partition]] = {}
        for (source, key), verdict in self.binding(dataset.name).items():
            partitions = frozenset(verdict.partitions)
            if verdict.verdict == ACCEPTED and verdict_key(dataset, pins, partitions, source) == key:
                exempt[source] = exempt.get(source, frozenset()) | partitions
        return exempt


def append_rows(lake: Lake, name: str, rows: Sequence[dict[str, Any]]) -> None:
    """Append rows to one of the append-only tables outside the loop (`ops.*`)."""
    if not rows:
        return
    with table_locks(lake.settings, [name]):
        table = lake.table(name)
        table.append(pa.Table.from_pylist(list(rows), schema=table.schema().as_arrow()))


def _to_row(verdict: Verdict) -> dict[str, Any]:
    return {
        **vars(verdict),
        "partitions": json.dumps(verdict.partitions),
        "checks": json.dumps([asdict(check) for check in verdict.checks]),
    }


def _from_row(row: dict[str, Any]) -> Verdict:
    checks = tuple(Check(**check) for check in json.loads(row["checks"]))
    return Verdict(**{**row, "partitions": tuple(json.loads(row["partitions"])), "checks": checks})
