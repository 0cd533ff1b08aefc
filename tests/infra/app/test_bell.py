"""Ringing the DAG of a dataset by hand."""

from pathlib import Path

import pytest

from infra.app import bell
from infra.app.bell import ring
from infra.app.keeper import Keeper
from infra.lake.settings import Settings


class FakeAirflow:
    """Keeps what it was asked to run."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def trigger(self, dag: str) -> str:
        (self.settings.home / "asked").write_text(dag)
        return "manual_1"


def test_where_no_services_run_nobody_is_rung(tmp_path: Path) -> None:
    assert ring(Settings(home=tmp_path), "events.order_line") is None


def test_where_the_services_do_not_answer_nobody_is_rung(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Keeper, "is_running", lambda _: True)

    assert ring(Settings(home=tmp_path), "events.order_line") is None


@pytest.mark.parametrize(
    ("dataset", "dag"),
    [("events.order_line", "events"), ("features.user_value", "features_growth"), ("marts.growth_daily", "marts")],
)
def test_the_dag_that_brings_the_dataset_level_is_rung(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dataset: str, dag: str
) -> None:
    monkeypatch.setattr(Keeper, "is_running", lambda _: True)
    monkeypatch.setattr(bell, "Airflow", FakeAirflow)

    assert ring(Settings(home=tmp_path), dataset) == dag
    assert (tmp_path / "asked").read_text() == dag
