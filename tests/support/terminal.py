"""Commands typed as a person types them, and what they print."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from pyspark.sql import SparkSession
from typer.testing import CliRunner

from infra.app.cli import inspect, operate, platforms, quarantine, simulate  # noqa: F401 - they add their commands
from infra.app.cli.main import cli
from infra.app.session import Engine
from infra.lake.errors import GuanxiError
from tests.support.home import open_home, order_line
from tests.support.retail_sample import write_export


@contextmanager
def typing_over(folder: Path, spark: SparkSession) -> Iterator[None]:
    """Have commands work on a home in a folder, and on the tests' own session, which none of them may end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "spark", open_home(folder, spark).engine.spark)
        patch.setenv("GUANXI_HOME", str(folder / "home"))
        yield


class Terminal:
    """Types commands over one home and reads what they print."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *words: object) -> Result:
        return CliRunner().invoke(cli, [str(word) for word in words], catch_exceptions=False)

    def text(self, *words: object) -> str:
        """Output without the folding of a narrow terminal."""
        return " ".join(self.run(*words).output.split())

    def data(self, *words: object) -> Any:
        return json.loads(self.run(*words, "--json").stdout)

    def refusal(self, *words: object) -> str:
        with pytest.raises(GuanxiError) as refused:
            self.run(*words)
        return str(refused.value)

    def export(self, name: str, *invoices: str) -> Path:
        lines = [order_line(invoice=invoice, customer=f"1{invoice[1:]}.0", quantity=4) for invoice in invoices]
        return write_export(self.folder / name, lines)
