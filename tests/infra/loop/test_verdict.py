"""A verdict binds exactly what it was given about: same code, same rules, same content behind the same days."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import pytest

from expectations.contract import CONTRACTS, read_contract
from infra.lake.catalog import Lake
from infra.lake.settings import Settings
from infra.loop.dataset import Check, Dataset, Pin
from infra.loop.plan import Grain, Node, Partition
from infra.loop.verdict import ACCEPTED, ERROR, FAILED, GATE_RESULT, PASSED, Verdict, Verdicts, verdict_key

PINS = {"raw.shop": Pin("1")}
DAY = frozenset({"2026-03-02"})


@dataclass
class Visits:
    """As much of a dataset as a verdict depends on."""

    code: str = "code 1"
    quality: str = "rules 1"
    content: str = "files 1"
    name: str = "events.visits"

    @property
    def node(self) -> Node:
        return Node(self.name, Grain.DAY, {}, self.code)

    def input_fingerprint(self, pins: object, partitions: frozenset[Partition], source: str | None) -> str:
        return f"{self.content} of {source} on {sorted(partitions)}"


def _key(visits: Visits, days: frozenset[Partition] = DAY, source: str | None = "shop") -> str:
    return verdict_key(cast(Dataset, visits), PINS, days, source)


def _verdict(word: str, source: str | None = "shop", visits: Visits | None = None) -> Verdict:
    return Verdict("events.visits", source, tuple(DAY), _key(visits or Visits(), DAY, source), word, "run_1")


@pytest.fixture
def verdicts(tmp_path: Path) -> Verdicts:
    lake = Lake(Settings(home=tmp_path / "home"))
    contract = read_contract(CONTRACTS / "ops" / "gate_result.odcs.yaml")
    lake.ensure(GATE_RESULT, contract.iceberg_schema(), contract.partition_by)
    return Verdicts(lake)


@pytest.mark.parametrize(
    "moved",
    [Visits(code="code 2"), Visits(quality="rules 2"), Visits(content="files 2"), Visits(name="events.views")],
    ids=["code", "rules", "content", "dataset"],
)
def test_a_key_moves_with_what_a_verdict_depends_on(moved: Visits) -> None:
    assert _key(moved) != _key(Visits())


def test_a_key_moves_with_the_days_and_the_source() -> None:
    others = [_key(Visits(), frozenset({"2026-03-03"})), _key(Visits(), source="stall"), _key(Visits(), source=None)]

    assert _key(Visits()) not in others
    assert len(set(others)) == 3


def test_a_key_does_not_move_with_the_version_of_an_input_whose_files_stayed() -> None:
    visits = cast(Dataset, Visits())

    assert verdict_key(visits, {"raw.shop": Pin("2")}, DAY, "shop") == _key(Visits())


def test_a_verdict_is_kept_as_it_was_given(verdicts: Verdicts) -> None:
    check = Check("visits_at_most_10", "visits", "critical", passed=False, observed="1 of 3 rows break the rule")
    given = replace(_verdict(FAILED), checks=(check,), snapshot_id=7, reason="why", content_hash="3-ab", seconds=0.5)

    verdicts.record([given])

    (kept,) = verdicts.of("events.visits")
    assert kept.at is not None
    assert replace(kept, at=None) == given


def test_verdicts_given_together_count_at_once_and_are_one_version(verdicts: Verdicts) -> None:
    versions = len(verdicts.lake.table(GATE_RESULT).metadata.snapshots)

    with verdicts.together():
        verdicts.record([_verdict(PASSED, "shop")])
        verdicts.record([_verdict(PASSED, "stall")])
        seen = [verdict.source for verdict in verdicts.of("events.visits")]

    assert seen == ["shop", "stall"]
    assert {verdict.source for verdict in verdicts.of("events.visits")} == {"shop", "stall"}
    assert len(verdicts.lake.table(GATE_RESULT).metadata.snapshots) == versions + 1


def test_verdicts_given_before_something_breaks_are_kept(verdicts: Verdicts) -> None:
    def gate() -> None:
        with verdicts.together():
            verdicts.record([_verdict(PASSED)])
            raise RuntimeError("the gate broke")

    with pytest.raises(RuntimeError, match="broke"):
        gate()

    assert [verdict.verdict for verdict in verdicts.of("events.visits")] == [PASSED]


def test_what_breaks_is_told_though_the_verdicts_before_it_cannot_be_kept(
    verdicts: Verdicts, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def gate() -> None:
        with verdicts.together():
            verdicts.record([_verdict(PASSED)])
            monkeypatch.setattr(verdicts, "_append", None)
            raise RuntimeError("the gate broke")

    with pytest.raises(RuntimeError, match="broke"):
        gate()

    assert "not on record" in caplog.text


def test_what_failed_is_on_record_at_once_should_the_gate_be_killed(verdicts: Verdicts) -> None:
    with verdicts.together():
        verdicts.record([_verdict(PASSED)])
        verdicts.record([_verdict(FAILED)])

        assert [verdict.verdict for verdict in Verdicts(verdicts.lake).of("events.visits")] == [FAILED]


def test_verdicts_are_listed_oldest_first_and_by_dataset(verdicts: Verdicts) -> None:
    verdicts.record([_verdict(FAILED)])
    verdicts.record([replace(_verdict(FAILED), dataset="events.views")])
    verdicts.record([_verdict(PASSED)])

    assert [verdict.verdict for verdict in verdicts.of("events.visits")] == [FAILED, PASSED]


def test_there_are_no_verdicts_before_the_table_exists(tmp_path: Path) -> None:
    assert Verdicts(Lake(Settings(home=tmp_path / "home"))).of("events.visits") == []


def test_the_last_verdict_about_a_key_binds(verdicts: Verdicts) -> None:
    verdicts.record([_verdict(FAILED)])
    verdicts.record([_verdict(PASSED)])

    assert [verdict.verdict for verdict in verdicts.binding("events.visits").values()] == [PASSED]


def test_verdicts_about_two_keys_bind_side_by_side(verdicts: Verdicts) -> None:
    verdicts.record([_verdict(FAILED), _verdict(PASSED, visits=Visits(content="files 2")), _verdict(PASSED, "stall")])

    bound = verdicts.binding("events.visits")

    assert bound["shop", _key(Visits())].verdict == FAILED
    assert bound["shop", _key(Visits(content="files 2"))].verdict == PASSED
    assert bound["stall", _key(Visits(), source="stall")].verdict == PASSED


def test_an_engines_crash_binds_nobody(verdicts: Verdicts) -> None:
    verdicts.record([_verdict(ERROR)])

    assert verdicts.binding("events.visits") == {}


def test_a_crash_does_not_lift_the_verdict_before_it(verdicts: Verdicts) -> None:
    verdicts.record([_verdict(FAILED)])
    verdicts.record([_verdict(ERROR)])

    assert [verdict.verdict for verdict in verdicts.binding("events.visits").values()] == [FAILED]


def test_what_was_accepted_is_exempt(verdicts: Verdicts) -> None:
    verdicts.record([_verdict(FAILED)])
    verdicts.record([_verdict(ACCEPTED)])

    assert verdicts.is_accepted("events.visits", "shop", _key(Visits()))
    assert verdicts.exempt(cast(Dataset, Visits()), PINS) == {"shop": DAY}


def test_an_acceptance_ends_when_the_content_moves(verdicts: Verdicts) -> None:
    verdicts.record([_verdict(ACCEPTED)])

    assert verdicts.exempt(cast(Dataset, Visits(content="files 2")), PINS) == {}


def test_an_acceptance_is_for_its_source_only(verdicts: Verdicts) -> None:
    verdicts.record([_verdict(ACCEPTED)])

    assert not verdicts.is_accepted("events.visits", "stall", _key(Visits()))
    assert not verdicts.is_accepted("events.visits", None, _key(Visits()))


def test_an_acceptance_outlives_the_build_that_passed_by_it(verdicts: Verdicts) -> None:
    # That build may be killed before it is published, and is repeated then.
    verdicts.record([_verdict(ACCEPTED, None)])
    verdicts.record([_verdict(PASSED, None)])

    assert verdicts.exempt(cast(Dataset, Visits()), PINS) == {None: DAY}


def test_a_failure_after_an_acceptance_binds(verdicts: Verdicts) -> None:
    verdicts.record([_verdict(ACCEPTED)])
    verdicts.record([_verdict(FAILED)])

    assert verdicts.exempt(cast(Dataset, Visits()), PINS) == {}
