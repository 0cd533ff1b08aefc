"""Runs that are repeated, meet, come late or hear no reply end in the tables of one undisturbed run."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from infra.app.app import App
from infra.loop.plan import Scope
from infra.loop.result import Outcome
from tests.faults.three_days import DATASETS, DAYS, check_made_good, land
from tests.support.home import hashes, open_home
from tests.support.oracle import check_same_tables
from tests.support.wider import wider_project

pytestmark = pytest.mark.slow

REBUILDS = 3
BASKET = "features.basket_day"


@pytest.mark.fault(38, how="everything built anew three times")
def test_three_rebuilds_change_no_table(undisturbed_home: App, undisturbed: dict[str, str]) -> None:
    for _ in range(REBUILDS):
        undisturbed_home.run(DATASETS, Scope(rebuild=True))
        check_made_good(undisturbed_home, undisturbed)


@pytest.mark.fault(38, how="a backfill of the first days beside a run of the newest, on one home")
@pytest.mark.fault(29, how="two runs at one time on one home")
def test_a_backfill_beside_a_live_run_ends_in_the_same_tables(
    undisturbed: dict[str, str], spark: SparkSession, tmp_path: Path
) -> None:
    live, backfill = open_home(tmp_path, spark), open_home(tmp_path, spark)
    land(live, tmp_path, *DAYS[:2])
    live.run(DATASETS)
    land(live, tmp_path, DAYS[2])
    days = Scope(str(DAYS[0]), str(DAYS[1]), rebuild=True)

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(live.run, DATASETS), pool.submit(backfill.run, DATASETS, days)]
        outcomes = {result.outcome for one in both for result in one.result()}
    live.run(DATASETS)

    assert Outcome.FAILED not in outcomes
    check_made_good(live, undisturbed)


@pytest.mark.fault(30, how="the catalogue commits a run's publication and does not answer")
def test_a_run_that_does_not_hear_of_its_publication_is_made_good_by_the_next(
    undisturbed: dict[str, str], spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_home(tmp_path, spark)
    land(app, tmp_path, *DAYS)
    commit: Callable[..., Any] = app.lake.catalog.commit_table

    def commit_and_fall_silent(table: Any, requirements: Any, updates: Any) -> Any:
        done = commit(table, requirements, updates)
        if requirements and len(updates) == 1:  # a publication; whoever writes rows says more
            raise ConnectionError
        return done

    with monkeypatch.context() as patch:
        patch.setattr(app.lake.catalog, "commit_table", commit_and_fall_silent)
        with pytest.raises(ConnectionError):
            app.run(DATASETS)

    app.run(DATASETS)

    check_made_good(app, undisturbed)


@pytest.mark.fault(28, how="a feature and a source deployed after the feature's input was published")
def test_a_reader_that_is_deployed_later_has_the_rows_of_one_that_was_always_there(
    spark: SparkSession, tmp_path: Path
) -> None:
    with wider_project(tmp_path) as project:
        early, before = open_home(tmp_path / "early", spark, project), open_home(tmp_path / "late", spark)
        for name, app in (("early", early), ("late", before)):
            land(app, tmp_path / name, *DAYS)
        early.run([BASKET])
        before.run(["events.order_line"])

        late = open_home(tmp_path / "late", spark, project)
        late.run([BASKET])

        check_same_tables(hashes(late, [BASKET]), hashes(early, [BASKET]))
