"""The gate opens for exactly what was assessed and passed; in doubt it stays shut."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pytest
from pyiceberg.schema import Schema
from pyiceberg.types import DateType, NestedField, StringType

from expectations.contract import CONTRACTS, read_contract
from infra.lake import branch, provenance
from infra.lake.catalog import Lake
from infra.lake.provenance import Provenance
from infra.lake.settings import Settings
from infra.loop.build import held_keys, pending_of, seal
from infra.loop.dataset import Assessment, Check, Dataset, Job, Pin, Pins
from infra.loop.gate import Gated, gate
from infra.loop.plan import Grain, Node, Partition, Plan, Why, Window
from infra.loop.verdict import ACCEPTED, ERROR, FAILED, GATE_RESULT, PASSED, Verdict, Verdicts, verdict_key

NAME = "events.visits"
DAY = "2026-03-02"
SCHEMA = Schema(NestedField(1, "day", DateType()), NestedField(2, "source", StringType()))


def _check(passed: bool, severity: str = "critical", observed: str = "3 of 9 rows break the rule") -> Check:
    return Check("visits_are_positive", "visits", severity, passed, observed)


GOOD, BROKEN = _check(passed=True), _check(passed=False)
CRASHED = _check(passed=False, observed="crashed with MemoryError")


class Visits(Dataset):
    """Visits to a shop and a stall; the checks of each are what a test says."""

    def __init__(self, lake: Lake) -> None:
        super().__init__(lake, Node(NAME, Grain.DAY, {"raw.shop": Window()}, "code 1"), "rules 1")
        self.checks: dict[str | None, tuple[Check, ...]] = {}
        self.crash: Exception | None = None

    def assess(self, job: Job, snapshot_id: int, exempt: Mapping[str | None, frozenset[Partition]]) -> list[Assessment]:
        if self.crash:
            raise self.crash
        due = frozenset(job.plan.build)
        return [Assessment(who, checks) for who, checks in self.checks.items() if not due <= exempt.get(who, set())]

    def hold_back(self, job: Job, sealed: int, sources: frozenset[str]) -> None:
        rows = self.lake.table(NAME).scan(snapshot_id=sealed).to_arrow().to_pylist()
        branch.create(self.lake, NAME, job.branch, at=job.base)
        _append(self.lake, job.branch, [row["source"] for row in rows if row["source"] not in sources])

    def input_fingerprint(self, pins: Pins, partitions: frozenset[Partition], source: str | None) -> str:
        return "files 1"

    def prepare(self) -> None:
        self.lake.ensure(NAME, SCHEMA, ["day"])

    def wanted(self, pins: Pins) -> frozenset[Partition]:
        return frozenset({DAY})

    def had(self, published: Provenance) -> frozenset[Partition]:
        return frozenset()

    def changed(self, name: str, before: str, now: str) -> frozenset[Partition] | None:
        return None

    def build(self, job: Job) -> None:
        _append(self.lake, job.branch, ["shop", "stall"])

    def written(self, base: int, snapshot_id: int) -> frozenset[Partition]:
        return frozenset({DAY})


def _append(lake: Lake, to: str, sources: list[str]) -> None:
    days = pa.array([DAY] * len(sources), pa.string()).cast(pa.date32())
    lake.table(NAME).append(pa.table({"day": days, "source": pa.array(sources, pa.string())}), branch=to)


class Gatehouse:
    """One sealed branch before the gate."""

    def __init__(self, lake: Lake) -> None:
        contract = read_contract(CONTRACTS / "ops" / "gate_result.odcs.yaml")
        lake.ensure(GATE_RESULT, contract.iceberg_schema(), contract.partition_by)
        self.lake, self.visits, self.verdicts = lake, Visits(lake), Verdicts(lake)
        self.visits.prepare()
        base = branch.create(lake, NAME, "run_1")
        plan = Plan(NAME, {}, (DAY,), {}, frozenset({DAY}), {}, code_moved=True)
        self.job = Job(plan, "run_1", "run_1", base, {"raw.shop": Pin("1")})
        self.visits.build(self.job)
        self.sealed = seal(self.visits, self.job, {})

    def gate(self, checks: Mapping[str | None, tuple[Check, ...]]) -> Gated:
        self.visits.checks = dict(checks)
        return gate(self.visits, self.job, self.sealed, self.verdicts)

    def said(self) -> list[tuple[str | None, str]]:
        return [(verdict.source, verdict.verdict) for verdict in self.verdicts.of(NAME)]

    def sources(self, snapshot_id: int) -> list[str]:
        rows = self.lake.table(NAME).scan(snapshot_id=snapshot_id).to_arrow()
        return sorted(rows["source"].to_pylist())

    def accept(self, source: str | None) -> None:
        key = verdict_key(self.visits, self.job.pins, frozenset({DAY}), source)
        self.verdicts.record([Verdict(NAME, source, (DAY,), key, ACCEPTED, "by hand", reason="a fair")])


@pytest.fixture
def house(tmp_path: Path) -> Gatehouse:
    return Gatehouse(Lake(Settings(home=tmp_path / "home")))


def test_what_passes_goes_on_with_a_verdict_that_names_its_snapshot(house: Gatehouse) -> None:
    gated = house.gate({None: (GOOD,)})

    assert gated == Gated(house.sealed)
    (verdict,) = house.verdicts.of(NAME)
    assert (verdict.verdict, verdict.snapshot_id, verdict.partitions) == (PASSED, house.sealed, (DAY,))
    assert verdict.checks == (GOOD,)


def test_a_broken_critical_rule_closes_the_gate(house: Gatehouse) -> None:
    gated = house.gate({None: (GOOD, BROKEN)})

    assert gated == Gated(None, ("visits_are_positive (3 of 9 rows break the rule)",))
    assert house.said() == [(None, FAILED)]


def test_a_broken_warning_is_recorded_and_lets_pass(house: Gatehouse) -> None:
    warning = _check(passed=False, severity="warning")

    assert house.gate({None: (GOOD, warning)}) == Gated(house.sealed)
    assert house.verdicts.of(NAME)[0].checks == (GOOD, warning)


def test_an_assessment_without_checks_does_not_pass(house: Gatehouse) -> None:
    assert house.gate({None: ()}).snapshot_id is None
    assert house.said() == [(None, FAILED)]


def test_no_assessment_at_all_does_not_pass(house: Gatehouse) -> None:
    assert house.gate({}).snapshot_id is None
    assert house.said() == [(None, FAILED)]


def test_a_build_that_wrote_nothing_needs_no_verdict(house: Gatehouse) -> None:
    plan = Plan(NAME, {}, (), {}, frozenset({DAY}), {}, code_moved=True)
    job = Job(plan, "run_1", "run_1", house.job.base, house.job.pins)

    assert gate(house.visits, job, house.sealed, house.verdicts) == Gated(house.sealed)
    assert house.said() == []


@pytest.mark.fault(37, how="the engine runs out of memory", part=True)
def test_an_engine_that_crashes_closes_the_gate_and_binds_nobody(house: Gatehouse) -> None:
    house.visits.crash = ValueError("customer 10001 is odd")

    gated = house.gate({})

    assert (gated.snapshot_id, gated.crashed) == (None, True)
    assert house.said() == [(None, ERROR)]
    assert house.verdicts.binding(NAME) == {}


def test_what_an_engine_says_when_it_crashes_is_kept_by_its_type_only(house: Gatehouse) -> None:
    house.visits.crash = ValueError("customer 10001 is odd")

    gated = house.gate({})

    assert gated.failures == ("quality engine ran to its end (crashed with ValueError)",)
    assert "10001" not in str(house.verdicts.of(NAME))


def test_a_rule_that_crashed_is_an_error_of_the_engine(house: Gatehouse) -> None:
    gated = house.gate({None: (GOOD, CRASHED)})

    assert (gated.snapshot_id, gated.crashed) == (None, True)
    assert house.said() == [(None, ERROR)]


def test_only_the_failing_source_is_held_back(house: Gatehouse) -> None:
    gated = house.gate({"shop": (BROKEN,), "stall": (GOOD,), None: (GOOD,)})

    assert gated.snapshot_id not in (None, house.sealed)
    assert house.sources(gated.snapshot_id or 0) == ["stall"]
    assert gated.failures == ("shop: visits_are_positive (3 of 9 rows break the rule)",)


def test_what_is_published_in_part_was_gated_again(house: Gatehouse) -> None:
    gated = house.gate({"shop": (BROKEN,), "stall": (GOOD,), None: (GOOD,)})

    again = [verdict for verdict in house.verdicts.of(NAME) if verdict.snapshot_id == gated.snapshot_id]
    assert sorted((str(verdict.source), verdict.verdict) for verdict in again) == [("None", PASSED), ("stall", PASSED)]


def test_held_days_are_owed_under_the_key_of_their_verdict(house: Gatehouse) -> None:
    gated = house.gate({"shop": (BROKEN,), "stall": (BROKEN,), None: (GOOD,)})

    owed = provenance.read(house.lake.table(NAME), gated.snapshot_id or 0)
    assert owed is not None
    pending = pending_of(owed)[DAY]
    assert pending.why is Why.HELD
    bound = house.verdicts.binding(NAME)
    assert {source: bound[source, key].verdict for source, key in held_keys(pending.about).items()} == {
        "shop": FAILED,
        "stall": FAILED,
    }


def test_a_failure_of_the_whole_table_closes_everything(house: Gatehouse) -> None:
    gated = house.gate({"shop": (BROKEN,), "stall": (GOOD,), None: (BROKEN,)})

    assert gated.snapshot_id is None
    assert house.sources(branch.head(house.lake.table(NAME), "run_1")) == ["shop", "stall"]


def test_an_engine_that_crashes_on_one_source_holds_nothing_as_if_it_were_a_verdict(house: Gatehouse) -> None:
    # What is owed as held waits for its input to move; after a crash the next run must try again.
    gated = house.gate({"shop": (CRASHED,), "stall": (GOOD,), None: (GOOD,)})

    assert (gated.snapshot_id, gated.crashed) == (None, True)
    assert ("shop", ERROR) in house.said()


def test_what_was_accepted_is_not_gated_again(house: Gatehouse) -> None:
    house.accept("shop")

    gated = house.gate({"shop": (BROKEN,), "stall": (GOOD,), None: (GOOD,)})

    assert gated == Gated(house.sealed)
    assert house.sources(house.sealed) == ["shop", "stall"]
