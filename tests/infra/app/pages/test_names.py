"""Only names of datasets and runs become file names."""

import pytest

from infra.app.pages.names import is_dataset, is_run
from infra.loop.run import new_run_id


def test_datasets_and_runs_get_pages() -> None:
    assert is_dataset("features.purchase_30d")
    assert is_run(new_run_id())
    assert is_run(new_run_id("steps"))


@pytest.mark.parametrize("name", ["landing", "../x.y", "raw.a/b", "raw.A", "raw.a.html", "raw.a\n", "raw.<b>"])
def test_no_other_name_of_a_dataset_does(name: str) -> None:
    assert not is_dataset(name)


@pytest.mark.parametrize(
    "name", ["by hand", "run_1", "../run_20260302t120000_0a1b2c3d", "run_20260302t120000_0a1b2c3d\n"]
)
def test_no_other_name_of_a_run_does(name: str) -> None:
    assert not is_run(name)
