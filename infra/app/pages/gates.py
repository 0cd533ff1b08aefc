"""Verdicts of the gate as the pages tell them: what failed first. Pure but for the one read."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from infra.lake.catalog import Lake
from infra.loop.dataset import Check
from infra.loop.verdict import ACCEPTED, ERROR, FAILED, GATE_RESULT, Verdict, Verdicts


@dataclass(frozen=True)
class Numbered:
    """A verdict with its number among those about its dataset, from the oldest on."""

    number: int
    verdict: Verdict

    @property
    def failed(self) -> bool:
        """Whether the gate stayed shut."""
        return self.verdict.verdict in {FAILED, ERROR}

    @property
    def checks(self) -> list[Check]:
        """Every check, broken ones first, critical before the others."""
        return sorted(self.verdict.checks, key=lambda check: (check.passed, check.severity != "critical"))

    @property
    def broken(self) -> list[Check]:
        """The broken checks."""
        return [check for check in self.checks if not check.passed]

    @property
    def passed(self) -> int:
        """How many checks passed."""
        return len(self.verdict.checks) - len(self.broken)

    @property
    def share(self) -> float:
        """The share of checks that passed; 0 where nothing was checked, as the gate stays shut then."""
        return self.passed / len(self.verdict.checks) if self.verdict.checks else 0.0


@dataclass(frozen=True)
class CheckHistory:
    """One check of a dataset through its verdicts, oldest first: whether it passed, and what was observed last."""

    name: str
    outcomes: tuple[bool, ...]
    observed: str
    last_broken: Numbered | None

    @property
    def passed(self) -> int:
        """How often it passed."""
        return sum(self.outcomes)

    @property
    def share(self) -> float:
        """How often it passed, of all."""
        return self.passed / len(self.outcomes)


class ReadVerdicts(Verdicts):
    """The verdicts as they were read at one moment, for those who ask about dataset after dataset."""

    def __init__(self, lake: Lake, found: Iterable[Verdict]) -> None:
        super().__init__(lake)
        self._by_dataset: dict[str, list[Verdict]] = {}
        for verdict in found:
            self._by_dataset.setdefault(verdict.dataset, []).append(verdict)

    def of(self, dataset: str) -> list[Verdict]:
        """Every verdict about a dataset, oldest first."""
        return self._by_dataset.get(dataset, [])


def read_verdicts(lake: Lake) -> list[Verdict]:
    """Every verdict there is, oldest first."""
    table = lake.find(GATE_RESULT)
    if table is None:
        return []
    rows = table.scan().to_arrow().to_pylist()
    return [_verdict(row) for row in sorted(rows, key=lambda row: row["at"])]


def number(verdicts: Iterable[Verdict]) -> list[Numbered]:
    """Verdicts, given from the oldest on, with their numbers; newest first."""
    counts: dict[str, int] = {}
    numbered = []
    for verdict in verdicts:
        counts[verdict.dataset] = counts.get(verdict.dataset, 0) + 1
        numbered.append(Numbered(counts[verdict.dataset], verdict))
    return numbered[::-1]


def failed_first(verdicts: Iterable[Numbered]) -> list[Numbered]:
    """The same, those that failed before the others."""
    return sorted(verdicts, key=lambda numbered: not numbered.failed)


def check_histories(verdicts: Sequence[Numbered]) -> list[CheckHistory]:
    """Every check of one dataset over time, from its verdicts newest first; what broke most comes first.

    An acceptance by hand repeats the checks of the verdict it is about, so it says nothing new.
    """
    found: dict[str, list[tuple[Numbered, Check]]] = {}
    for numbered in verdicts:
        if numbered.verdict.verdict != ACCEPTED:
            for check in numbered.verdict.checks:
                found.setdefault(check.name, []).append((numbered, check))
    histories = [
        CheckHistory(
            name=name,
            outcomes=tuple(check.passed for _, check in reversed(seen)),
            observed=seen[0][1].observed,
            last_broken=next((numbered for numbered, check in seen if not check.passed), None),
        )
        for name, seen in found.items()
    ]
    return sorted(histories, key=lambda history: history.share)


def latest(verdicts: Sequence[Numbered]) -> list[Numbered]:
    """The newest verdict about each dataset and each source of it that was gated on its own, failed ones first."""
    newest: dict[tuple[str, str | None], Numbered] = {}
    for numbered in verdicts:
        newest.setdefault((numbered.verdict.dataset, numbered.verdict.source), numbered)
    return failed_first(newest.values())


def _verdict(row: dict[str, object]) -> Verdict:
    checks = tuple(Check(**check) for check in json.loads(str(row["checks"])))
    at = row["at"] if isinstance(row["at"], datetime) else None
    return Verdict(**{**row, "at": at, "partitions": tuple(json.loads(str(row["partitions"]))), "checks": checks})  # type: ignore[arg-type]
