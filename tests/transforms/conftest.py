"""The project as it is, read by dbt once for all tests of this folder."""

from pathlib import Path

import pytest

from infra.app.dbt_project import DbtProject
from tests.transforms.small_lake import CONTRACTS, TRANSFORMS, SmallLake


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> DbtProject:
    """The dbt project with the sources it has today."""
    return DbtProject(TRANSFORMS, tmp_path_factory.mktemp("dbt"), CONTRACTS)


@pytest.fixture
def lake(tmp_path: Path) -> SmallLake:
    """An empty lake."""
    return SmallLake(tmp_path / "lake")
