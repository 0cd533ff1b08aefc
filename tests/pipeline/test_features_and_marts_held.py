"""A feature or a mart that fails its gate publishes nothing and its readers wait; everything else goes out."""

import shutil
from pathlib import Path

import pytest
import yaml
from pyspark.sql import SparkSession

from infra.app.app import PROJECT_ROOT
from infra.app.datasets import Project
from infra.app.status import status
from infra.loop.result import Outcome
from tests.support.home import deliver, hashes, open_home, order_line

LOOKED_AT = ["features.purchase_30d", "features.user_value", "marts.growth_daily", "marts.source_balance"]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A copy of the product's declarations that a test may change."""
    root = tmp_path / "project"
    shutil.copytree(PROJECT_ROOT / "expectations" / "contracts", root / "expectations" / "contracts")
    shutil.copytree(PROJECT_ROOT / "transforms", root / "transforms")
    return Project(root)


@pytest.mark.fault(36, how="a feature breaks a rule of its contract")
def test_a_failing_feature_keeps_its_published_version(spark: SparkSession, tmp_path: Path, project: Project) -> None:
    app = open_home(tmp_path, spark, project, only=LOOKED_AT)
    deliver(app, tmp_path, "first.csv.gz", [order_line(quantity=2)])
    app.run()
    before = hashes(app, ["features.purchase_30d"])
    _forbid(project, "features", "purchase_30d", "units", at_most=10)
    deliver(app, tmp_path, "second.csv.gz", [order_line(invoice="500002", quantity=50)])

    strict = open_home(tmp_path, spark, project, only=LOOKED_AT)
    results = {result.dataset: result for result in strict.run()}

    assert results["features.purchase_30d"].outcome is Outcome.HELD
    assert hashes(strict, ["features.purchase_30d"]) == before
    assert results["features.user_value"].outcome is Outcome.PUBLISHED
    assert results["marts.growth_daily"].outcome is Outcome.PUBLISHED
    held = {row.dataset: row for row in status(strict)}["features.purchase_30d"]
    assert held.state == "held"
    assert "units" in held.held[0]
    assert {r.outcome for r in strict.run() if r.dataset != "features.purchase_30d"} == {Outcome.UNCHANGED}


@pytest.mark.fault(36, how="a mart fails a test of dbt")
def test_a_failing_mart_keeps_its_published_version(spark: SparkSession, tmp_path: Path, project: Project) -> None:
    model = project.transforms / "models" / "marts" / "growth" / "growth_daily.yml"
    app = open_home(tmp_path, spark, project, only=LOOKED_AT)
    deliver(app, tmp_path, "first.csv.gz", [order_line()])
    app.run()
    before = hashes(app, ["marts.growth_daily"])
    content = yaml.safe_load(model.read_text())
    column = next(c for c in content["models"][0]["columns"] if c["name"] == "orders")
    column.setdefault("data_tests", []).append({"accepted_values": {"arguments": {"values": [1], "quote": False}}})
    model.write_text(yaml.safe_dump(content))
    deliver(app, tmp_path, "second.csv.gz", [order_line(invoice="500002")])

    strict = open_home(tmp_path, spark, project, only=LOOKED_AT)
    results = {result.dataset: result for result in strict.run()}

    assert results["marts.growth_daily"].outcome is Outcome.HELD
    assert hashes(strict, ["marts.growth_daily"]) == before
    assert results["marts.source_balance"].outcome is Outcome.PUBLISHED


def _forbid(project: Project, layer: str, short_name: str, column: str, at_most: int) -> None:
    path = project.contracts / layer / f"{short_name}.odcs.yaml"
    content = yaml.safe_load(path.read_text())
    found = next(c for c in content["schema"][0]["properties"] if c["name"] == column)
    found.setdefault("logicalTypeOptions", {})["maximum"] = at_most
    path.write_text(yaml.safe_dump(content, sort_keys=False))
