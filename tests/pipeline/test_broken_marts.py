"""A mart that was not built or not tested is never published, and a broken machine is no verdict about its rows."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pyspark.sql import SparkSession

from infra.app.accept import NothingHeldError, accept
from infra.app.app import App
from infra.app.datasets import Project
from infra.loop.result import Outcome
from tests.support.home import deliver, open_home, order_line
from tests.support.wider import wider_project

MART = "marts.basket_size"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with wider_project(tmp_path) as project:
        yield project


def market(spark: SparkSession, folder: Path, project: Project) -> App:
    """A home with one delivery and everything the mart reads."""
    app = open_home(folder, spark, project)
    deliver(app, folder, "first.csv.gz", [order_line()])
    return app


def outcome(app: App) -> Outcome:
    """What a run of the mart comes to."""
    return {result.dataset: result.outcome for result in app.run([MART])}[MART]


def declare(project: Project, change: str) -> None:
    """Take the tests off the mart's declaration, or add a column that its model does not make."""
    path = project.transforms / "models" / "marts" / "growth" / "basket_size.yml"
    content = yaml.safe_load(path.read_text())
    columns = content["models"][0]["columns"]
    if change == "untested":
        for column in columns:
            column.pop("data_tests", None)
    else:
        columns.append({"name": "ghost", "data_type": "bigint", "description": "Not there."})
    path.write_text(yaml.safe_dump(content, sort_keys=False))


@pytest.mark.parametrize("change", ["untested", "not as declared"])
def test_it_is_held_and_cannot_be_accepted(spark: SparkSession, tmp_path: Path, project: Project, change: str) -> None:
    declare(project, change)
    app = market(spark, tmp_path, project)

    assert outcome(app) is Outcome.HELD
    with pytest.raises(NothingHeldError, match="no rows that could be let pass"):
        accept(app, MART, "never mind")
    assert app.lake.table(MART).scan().count() == 0


@pytest.mark.fault(33, 35, how="dbt ends for want of disk", part=True)
def test_a_crash_of_dbt_is_tried_again(
    spark: SparkSession, tmp_path: Path, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = market(spark, tmp_path, project)
    app.datasets.dbt.marts()
    with monkeypatch.context() as broken:
        broken.setattr("infra.app.dbt_run.Dbt.build", run_out_of_disk)
        assert outcome(app) is Outcome.FAILED

    assert outcome(app) is Outcome.PUBLISHED


def run_out_of_disk(*_: object) -> None:
    raise OSError("no space left on device")
