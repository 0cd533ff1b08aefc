"""A run as a whole."""

from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from infra.loop import verdict
from infra.loop.result import Outcome
from infra.loop.run import Run
from tests.support.home import deliver, open_home, order_line

RAW = "raw.retail_export"


def _no_space(*_: Any) -> None:
    raise OSError(28, "No space left on device")


def test_nothing_is_published_of_which_no_verdict_is_on_record(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_home(tmp_path, spark, only=[])
    deliver(app, tmp_path, "first.csv", [order_line()])

    with monkeypatch.context() as patch:
        patch.setattr(verdict, "append_rows", _no_space)
        broken = {result.dataset: result.outcome for result in app.run([RAW])}

    assert broken[RAW] is Outcome.FAILED
    assert app.lake.table(RAW).scan().count() == 0
    assert set(app.lake.table(RAW).refs()) == {"main"}
    assert {result.dataset: result.outcome for result in app.run([RAW])}[RAW] is Outcome.PUBLISHED


def test_a_mistake_in_the_loop_is_not_taken_for_verdicts_that_cannot_be_kept(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_home(tmp_path, spark, only=[])
    monkeypatch.setattr(Run, "build_due", _mistaken)

    with pytest.raises(ZeroDivisionError):
        app.run([RAW])


def _mistaken(_: Run) -> None:
    raise ZeroDivisionError
