"""What every model of the dbt project says about itself."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.app.dbt_project import DbtProject
from tests.transforms.small_lake import TRANSFORMS

MODELS = sorted((TRANSFORMS / "models").rglob("*.sql"))
MARTS = sorted((TRANSFORMS / "models" / "marts").rglob("*.sql"))


def document(model: Path) -> Mapping[str, Any]:
    """The YAML file beside a model."""
    content: Mapping[str, Any] = yaml.safe_load(model.with_suffix(".yml").read_text())
    return content


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem)
def test_a_model_starts_with_its_grain_and_has_one_file_that_says_it_again(model: Path) -> None:
    declared = document(model)["models"]

    assert model.read_text().startswith("-- One row per ")
    assert [entry["name"] for entry in declared] == [model.stem]
    assert declared[0]["description"].startswith("One row per ")


@pytest.mark.parametrize("model", MARTS, ids=lambda path: path.stem)
def test_a_mart_has_a_grain_a_described_contract_a_closing_test_and_unit_tests(model: Path) -> None:
    content = document(model)
    mart = content["models"][0]
    columns = {column["name"]: column for column in mart["columns"]}

    assert set(mart["config"]["meta"]["grain"]) <= columns.keys()
    assert all(column["data_type"] and column["description"] for column in columns.values())
    assert columns["complete_through"]["data_type"] == "date"
    assert [unit_test["model"] for unit_test in content["unit_tests"]].count(model.stem) >= 1
    assert any("severity" not in test.get("config", {}) for entry in mart["data_tests"] for test in entry.values())


def test_the_project_uses_no_packages() -> None:
    assert not [path.name for path in TRANSFORMS.iterdir() if path.name in {"packages.yml", "dependencies.yml"}]


def test_an_exposure_names_every_mart(project: DbtProject) -> None:
    exposures = yaml.safe_load((TRANSFORMS / "models" / "exposures.yml").read_text())["exposures"]
    exposed = json.dumps([exposure["depends_on"] for exposure in exposures])

    assert [mart.name for mart in project.marts() if f"ref('{mart.name.removeprefix('marts.')}')" not in exposed] == []
