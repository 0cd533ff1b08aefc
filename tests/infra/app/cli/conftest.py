"""A home after two runs, and one in which nothing was ever built, at the terminal."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from tests.support.terminal import Terminal, typing_over


class Shop(Terminal):
    """A home after one run, and what the commands on the way there printed."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.landed = self.text("land", "--source", "retail_export", self.export("first.csv.gz", "500001"))
        self.first_run = self.text("run", "raw.objects")
        self.run("land", "--source", "retail_export", self.export("second.csv.gz", "500002"))
        self.plan_text = self.text("plan")
        self.plan = {forecast["dataset"]: forecast for forecast in self.data("plan")}
        self.results = {result["dataset"]: result for result in self.data("run")}

    def versions(self, name: str) -> list[str]:
        return [version.split(" ")[0] for version in self.data("show", name)["versions"]]


@pytest.fixture(scope="module")
def shop(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("commands")
    with typing_over(folder, spark):
        yield Shop(folder)


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A home in which nothing was ever built."""
    monkeypatch.setenv("GUANXI_HOME", str(tmp_path / "home"))
    return Terminal(tmp_path)
