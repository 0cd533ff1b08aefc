"""What cannot be built is tried again, and on the last try the rest goes out without it."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from infra.app import steps
from infra.app.app import App
from infra.app.errors import BrokenStepError
from infra.loop.dataset import Dataset, Job
from infra.loop.result import Outcome
from tests.support.home import deliver, open_home, order_line

TO_EVENTS = ["raw.objects", "raw.retail_export", "events.order_line"]
FEATURES = ["features.purchase_30d", "features.user_value"]


@pytest.fixture
def app(spark: SparkSession, tmp_path: Path) -> App:
    """A home with one delivery that is not built yet."""
    app = open_home(tmp_path, spark)
    deliver(app, tmp_path, "first.csv.gz", [order_line()])
    return app


@pytest.fixture
def one_cannot_be_built(app: App, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a feature whose build always breaks; another feature is not affected."""
    broken = app.datasets.find(FEATURES[1])
    build = type(broken).build

    def build_unless_broken(dataset: Dataset, job: Job) -> None:
        if dataset.name == broken.name:
            raise MemoryError
        build(dataset, job)

    monkeypatch.setattr(type(broken), "build", build_unless_broken)
    return broken.name


def test_a_build_that_broke_leaves_no_branch_behind_as_another_try_builds_all_of_it(
    app: App, one_cannot_be_built: str
) -> None:
    app.run(TO_EVENTS)
    with pytest.raises(BrokenStepError, match=f"{one_cannot_be_built}: MemoryError"):
        steps.build(app, FEATURES)

    assert {name for name in FEATURES if set(app.lake.table(name).refs()) != {"main"}} == set()


def test_on_the_last_try_what_was_built_goes_out_and_what_was_not_is_said(app: App, one_cannot_be_built: str) -> None:
    app.run(TO_EVENTS)

    run = steps.build(app, FEATURES, last_try=True).run
    steps.gate(app, FEATURES, run)
    published = steps.publish(app, FEATURES, run)

    assert [result.dataset for result in published.results] == ["features.purchase_30d"]
    assert published.results[0].outcome is Outcome.PUBLISHED
    assert steps.unbuilt(app, run) == [f"{one_cannot_be_built}: MemoryError (its traceback is in the log)"]
