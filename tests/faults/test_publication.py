"""Publishers side by side, and replies of the catalogue that get lost: every row is published once, none is undone."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from infra.lake import branch
from infra.lake.branch import NotDescendantError
from infra.lake.catalog import Lake
from infra.lake.locks import table_locks
from infra.lake.provenance import Provenance, seal
from infra.lake.settings import Settings
from tests.infra.lake.conftest import NAME, SCHEMA, visits_on
from tests.support.oracle import check_published

PUBLISHERS = 8


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with an empty table of visits."""
    settings = Settings(home=tmp_path / "home")
    Lake(settings).ensure(NAME, SCHEMA, ["day"])
    return settings


def rows(*visits: int) -> list[dict[str, object]]:
    return [{"day": date(2026, 3, number + 1), "visits": number} for number in visits]


def sealed(lake: Lake, number: int) -> int:
    """What a run that adds one row leaves to be published."""
    run = f"run_{number}"
    branch.create(lake, NAME, run)
    lake.table(NAME).append(visits_on((f"2026-03-{number + 1:02}", number)), branch=run)
    return seal(lake, NAME, run, Provenance(inputs={}, code="c", run=run))


def publish_side_by_side(settings: Settings) -> list[bool]:
    """Eight publishers meet; who comes too late begins again at what is published then. True for those who won."""
    gated = [sealed(Lake(settings), number) for number in range(PUBLISHERS)]
    barrier = Barrier(PUBLISHERS)

    def publisher(number: int) -> bool:
        lake = Lake(settings)
        barrier.wait()
        try:
            branch.publish(lake, NAME, gated[number])
        except NotDescendantError:
            with table_locks(settings, [NAME]):
                branch.publish(lake, NAME, sealed(lake, number))
            return False
        return True

    # Everybody locks the table to begin again, so no more than the first publications meet.
    with ThreadPoolExecutor(PUBLISHERS) as pool:
        return list(pool.map(publisher, range(PUBLISHERS)))


@pytest.mark.fault(31, how="eight threads, each with a catalogue of its own, publish at one moment")
def test_of_eight_publishers_one_wins_and_the_others_recover(settings: Settings) -> None:
    won = publish_side_by_side(settings)

    assert sum(won) == 1
    check_published(Lake(settings), NAME, rows(*range(PUBLISHERS)))


def publish_after_another(settings: Settings) -> None:
    """One publishes what it built before another had published; where it is refused, it begins again."""
    lake = Lake(settings)
    late, early = sealed(lake, 0), sealed(lake, 1)
    branch.publish(lake, NAME, early)
    try:
        branch.publish(lake, NAME, late)
    except NotDescendantError:
        branch.publish(lake, NAME, sealed(lake, 0))
    check_published(lake, NAME, rows(0, 1))


def publish_beside_a_zombie(settings: Settings) -> None:
    """A zombie writes to the branch after it was sealed and gated."""
    lake = Lake(settings)
    gated = sealed(lake, 0)
    lake.table(NAME).append(visits_on(("2026-03-09", 9)), branch="run_0")
    branch.publish(lake, NAME, gated)
    check_published(lake, NAME, rows(0))


@pytest.mark.fault(29, how="a run publishes after its retry has; a zombie writes to a gated branch")
@pytest.mark.parametrize("publish", [publish_after_another, publish_beside_a_zombie])
def test_what_a_late_publisher_or_a_zombie_does_leaves_every_row_once(
    settings: Settings, publish: Callable[[Settings], None]
) -> None:
    publish(settings)


class LostReplyError(ConnectionError):
    """The catalogue did what it was asked to, and nobody heard of it."""


def lose_the_reply(lake: Lake, patch: pytest.MonkeyPatch) -> None:
    commit: Callable[..., Any] = lake.catalog.commit_table

    def commit_and_fall_silent(*arguments: Any) -> None:
        commit(*arguments)
        raise LostReplyError

    patch.setattr(lake.catalog, "commit_table", commit_and_fall_silent)


def publish_without_a_reply(lake: Lake, gated: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        lose_the_reply(lake, patch)
        with pytest.raises(LostReplyError):
            branch.publish(lake, NAME, gated)


@pytest.mark.fault(30, how="the catalogue commits a publication and does not answer")
def test_a_publication_whose_reply_was_lost_is_not_repeated(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = Lake(settings)
    gated = sealed(lake, 0)
    publish_without_a_reply(lake, gated, monkeypatch)
    before = lake.table(NAME).metadata_location

    branch.publish(lake, NAME, gated)

    assert lake.table(NAME).metadata_location == before
    check_published(lake, NAME, rows(0))


@pytest.mark.fault(30, how="the catalogue commits and does not answer; another publishes before the retry")
def test_a_retry_after_a_lost_reply_undoes_nothing_that_was_published_since(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = Lake(settings)
    gated = sealed(lake, 0)
    publish_without_a_reply(lake, gated, monkeypatch)
    branch.publish(lake, NAME, sealed(lake, 1))

    with pytest.raises(NotDescendantError):
        branch.publish(lake, NAME, gated)

    check_published(lake, NAME, rows(0, 1))


@pytest.mark.fault(40, how="a scan that has begun when another version is published and its branch is dropped")
def test_a_reader_in_the_middle_of_a_table_sees_the_version_it_began_with(settings: Settings) -> None:
    lake = Lake(settings)
    branch.publish(lake, NAME, sealed(lake, 0))
    reader = lake.table(NAME).scan().to_arrow_batch_reader()

    branch.publish(lake, NAME, sealed(lake, 1))
    branch.drop(lake, NAME, "run_1")

    assert reader.read_all().to_pylist() == rows(0)
    check_published(lake, NAME, rows(0, 1))
