import pytest
from pyiceberg.schema import Schema
from pyiceberg.types import NestedField, StringType

from infra.lake import branch
from infra.lake.branch import NotDescendantError
from infra.lake.catalog import Lake
from infra.lake.provenance import Provenance, seal
from tests.infra.lake.conftest import SCHEMA, visits_on

FROM_NOWHERE = Provenance(inputs={}, code="c", run="r")


def _append(lake: Lake, name: str, to: str, day: str) -> None:
    lake.table(name).append(visits_on((day, 1)), branch=to)


def _days(lake: Lake, name: str) -> list[str]:
    return sorted(str(row["day"]) for row in lake.table(name).scan().to_arrow().to_pylist())


def test_publishing_moves_main_to_exactly_the_gated_snapshot(lake: Lake, visits: str) -> None:
    branch.create(lake, visits, "run_1")
    _append(lake, visits, "run_1", "2026-03-02")
    gated = seal(lake, visits, "run_1", FROM_NOWHERE)

    branch.publish(lake, visits, gated)

    assert branch.head(lake.table(visits)) == gated
    assert _days(lake, visits) == ["2026-03-02"]


@pytest.mark.fault(29, how="a zombie writes to a gated branch", part=True)
def test_what_a_zombie_writes_to_a_gated_branch_is_not_published(lake: Lake, visits: str) -> None:
    branch.create(lake, visits, "run_1")
    _append(lake, visits, "run_1", "2026-03-02")
    gated = seal(lake, visits, "run_1", FROM_NOWHERE)
    _append(lake, visits, "run_1", "2026-03-09")

    branch.publish(lake, visits, gated)

    assert _days(lake, visits) == ["2026-03-02"]


@pytest.mark.fault(29, how="a zombie publishes after its retry", part=True)
def test_a_zombie_cannot_publish_over_a_newer_version(lake: Lake, visits: str) -> None:
    for run in ("run_1", "run_2"):
        branch.create(lake, visits, run)
        _append(lake, visits, run, "2026-03-02")
    first = seal(lake, visits, "run_1", FROM_NOWHERE)
    second = seal(lake, visits, "run_2", FROM_NOWHERE)
    branch.publish(lake, visits, second)

    with pytest.raises(NotDescendantError, match="Run again"):
        branch.publish(lake, visits, first)

    assert branch.head(lake.table(visits)) == second


@pytest.mark.fault(29, how="a publication between another's check and commit", part=True)
def test_main_moving_between_check_and_commit_is_refused_by_the_catalogue(
    lake: Lake, visits: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for run in ("run_1", "run_2"):
        branch.create(lake, visits, run)
        _append(lake, visits, run, "2026-03-02")
    first = seal(lake, visits, "run_1", FROM_NOWHERE)
    second = seal(lake, visits, "run_2", FROM_NOWHERE)
    stale = lake.table(visits)
    branch.publish(lake, visits, second)
    monkeypatch.setattr(lake, "table", lambda name: stale)

    with pytest.raises(NotDescendantError):
        branch.publish(lake, visits, first)


def test_publishing_twice_changes_nothing(lake: Lake, visits: str) -> None:
    branch.create(lake, visits, "run_1")
    gated = seal(lake, visits, "run_1", FROM_NOWHERE)
    branch.publish(lake, visits, gated)
    metadata = lake.table(visits).metadata_location

    branch.publish(lake, visits, gated)

    assert lake.table(visits).metadata_location == metadata


def test_dropping_a_branch_that_is_gone_is_no_error(lake: Lake, visits: str) -> None:
    branch.create(lake, visits, "run_1")
    branch.drop(lake, visits, "run_1")
    branch.drop(lake, visits, "run_1")

    assert set(lake.table(visits).refs()) == {"main"}


def test_ancestors_end_where_history_was_expired(lake: Lake, visits: str) -> None:
    for day in ("2026-03-02", "2026-03-03", "2026-03-04"):
        _append(lake, visits, "main", day)
    chain = branch.ancestors(lake.table(visits), branch.head(lake.table(visits)))
    lake.table(visits).maintenance.expire_snapshots().by_id(chain[2]).commit()

    table = lake.table(visits)
    assert branch.ancestors(table, branch.head(table)) == chain[:2]


def test_a_version_has_the_columns_that_it_was_written_with(lake: Lake, visits: str) -> None:
    _append(lake, visits, "main", "2026-03-02")
    before = branch.head(lake.table(visits))
    lake.ensure(visits, Schema(*SCHEMA.fields, NestedField(3, "country", StringType())), ["day"])
    _append(lake, visits, "main", "2026-03-03")

    assert branch.columns(lake.table(visits), before) == {"day", "visits"}
    assert branch.columns(lake.table(visits), branch.head(lake.table(visits))) == {"day", "visits", "country"}
