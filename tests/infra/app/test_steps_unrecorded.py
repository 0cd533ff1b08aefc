"""A gate step whose verdicts find no room in their table."""

from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from infra.app import steps
from infra.loop.result import Outcome
from infra.loop.verdict import UnrecordedError, Verdicts
from tests.support.home import deliver, open_home, order_line

RAW = "raw.retail_export"


def no_space(*_: Any) -> None:
    raise OSError(28, "No space left on device")


def test_a_gate_whose_verdicts_cannot_be_kept_lets_nothing_out_and_can_be_tried_again(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_home(tmp_path, spark, only=[])
    deliver(app, tmp_path, "first.csv", [order_line()])
    app.run(["raw.objects"])
    run = steps.build(app, [RAW]).run
    with monkeypatch.context() as patch:
        patch.setattr(Verdicts, "_append", no_space)
        with pytest.raises(UnrecordedError, match="mend the lake"):
            steps.gate(app, [RAW], run)
    assert app.lake.table(RAW).scan().count() == 0

    steps.gate(app, [RAW], run)
    report = steps.publish(app, [RAW], run)

    assert {result.outcome for result in report.results} == {Outcome.PUBLISHED}
    assert app.lake.table(RAW).scan().count() == 1
