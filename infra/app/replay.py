"""Replay: after a fix of a mapping or contract, the objects with quarantined records are decoded again, and no others.

quarantined records ─▶ their objects ─▶ a run with these to be built again ─▶ whatever moved is built on
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from expectations.contract import Contract
from infra.app.app import App
from infra.app.quarantine import PLACE, key_of, quarantined
from infra.lake.filters import is_in
from infra.loop.plan import Partition, Scope
from infra.loop.result import Outcome, Result
from infra.loop.run import Listener

COLUMNS = (*PLACE, "reason", "mapping_code")
Row = dict[str, Any]


@dataclass(frozen=True)
class Replay:
    """What a replay is to decode again: `objects` by the planner's names, with how many of their records are bad.

    `reasons` are those of these records. `as_they_are` counts records that the present code has judged already, of
    which nothing would come out different.
    """

    source: str
    dataset: str
    reason: str | None
    code: str
    objects: Mapping[Partition, int]
    reasons: Mapping[str, int]
    as_they_are: int

    @property
    def scope(self) -> Scope:
        """What to ask of a run."""
        return Scope(again={self.dataset: frozenset(self.objects)})

    @property
    def records(self) -> int:
        """Quarantined records in the objects."""
        return sum(self.objects.values())


@dataclass(frozen=True)
class Replayed:
    """What a replay did to its objects: records good and quarantined (by reason) before and after.

    `moved` are the event days that came out different, by events table.
    """

    replay: Replay
    outcome: str
    detail: str
    good: tuple[int, int]
    quarantined: tuple[Mapping[str, int], Mapping[str, int]]
    moved: Mapping[str, tuple[Partition, ...]]

    @property
    def now_good(self) -> int:
        """Records that are good now and were not before."""
        return self.good[1] - self.good[0]


def find_replay(app: App, source: str, reason: str | None = None) -> Replay:
    """The objects of a source with records that an older mapping or contract quarantined, for one reason or for any."""
    contract = app.source(source)
    code = app.datasets.all[contract.name].node.code
    rows = quarantined(app, contract, COLUMNS).to_pylist()
    meant = [row for row in rows if reason in {None, row["reason"]}]
    due = {key_of(contract, row) for row in meant if row["mapping_code"] != code}
    inside = [row for row in rows if key_of(contract, row) in due]
    return Replay(
        source=contract.short_name,
        dataset=contract.name,
        reason=reason,
        code=code,
        objects=Counter(key_of(contract, row) for row in inside),
        reasons=Counter(row["reason"] for row in inside),
        as_they_are=sum(row["mapping_code"] == code for row in meant),
    )


def replay(app: App, found: Replay, listener: Listener = lambda dataset, phase: None) -> tuple[Replayed, list[Result]]:
    """Decode the objects again and bring level what reads them: an ordinary run, of which this is asked besides."""
    contract = app.source(found.source)
    before = _counts(app, contract, found)
    results = app.run((), found.scope, listener)
    after = _counts(app, contract, found)
    own = _last(results, found.dataset)
    targets = contract.source.targets if contract.source else ()
    moved = {name: result.committed for name in targets if (result := _last(results, name)).committed}
    done = Replayed(found, own.outcome.value, own.detail, (before[0], after[0]), (before[1], after[1]), moved)
    return done, results


def _last(results: Sequence[Result], name: str) -> Result:
    return next((result for result in reversed(results) if result.dataset == name), Result(name, Outcome.UNCHANGED))


def _counts(app: App, contract: Contract, found: Replay) -> tuple[int, Counter[str]]:
    """Good records of the objects, and quarantined ones by reason."""
    sha256s = {key.split("/", 2)[1] for key in found.objects}
    chosen = is_in("object_sha256", sha256s)
    rows = app.lake.table(contract.name).scan(
        row_filter=chosen, selected_fields=("object_sha256", "object_name", "reason")
    )
    counted = rows.to_arrow().group_by(["object_sha256", "object_name", "reason"]).aggregate([([], "count_all")])
    reasons: Counter[str] = Counter()
    good = 0
    for row in counted.to_pylist():
        if key_of(contract, row) in found.objects:
            good += row["count_all"] if row["reason"] is None else 0
            reasons.update({row["reason"]: row["count_all"]} if row["reason"] else {})
    return good, reasons
