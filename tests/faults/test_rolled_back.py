"""Older code on a home that newer code has written to: it refuses what it cannot keep, and reads the rest."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from infra.app import warehouse
from infra.app.datasets import Project
from infra.app.warehouse import NewerWarehouseError
from tests.faults.three_days import DATASETS, DAYS, land, shown_days
from tests.support.documented import write_examples
from tests.support.home import hashes, open_home
from tests.support.laid_over import laid_over
from tests.support.oracle import check_same_tables
from tests.support.wider import wider_project

pytestmark = pytest.mark.slow

BASKET = "features.basket_day"
NAMES = (*DATASETS, BASKET)
GAINED = "{name: lines, logicalType: integer, physicalType: long, classification: public, description: Lines in it.}"
SUM, COUNT = 'F.sum("quantity").alias("pieces")', 'F.count("*").alias("lines")'


def write_newer(root: Path) -> None:
    """The worked example's feature with one more column."""
    write_examples(root)
    contract = root / "expectations" / "contracts" / f"{BASKET.replace('.', '/')}.odcs.yaml"
    contract.write_text(f"{contract.read_text().rstrip()}\n      - {GAINED}\n")
    job = root / "spark_jobs" / f"{BASKET.replace('.', '/')}.py"
    assert SUM in job.read_text()
    job.write_text(job.read_text().replace(SUM, f"{SUM}, {COUNT}"))


@contextmanager
def newer_project(folder: Path) -> Iterator[Project]:
    """Newer code: a table of its has gained a column, and its analysts' file another form."""
    with laid_over(folder, write_newer) as project, pytest.MonkeyPatch.context() as patch:
        patch.setattr(warehouse, "FORMAT", warehouse.FORMAT + 1)
        yield project


@pytest.mark.fault(35, 39, how="code without a column of its table and with an older form of the analysts' file")
def test_older_code_leaves_alone_what_it_cannot_keep_and_newer_goes_on(spark: SparkSession, tmp_path: Path) -> None:
    with newer_project(tmp_path / "newer") as project:
        undisturbed = open_home(tmp_path / "undisturbed", spark, project)
        land(undisturbed, tmp_path, *DAYS)
        undisturbed.run(NAMES)
        expected = hashes(undisturbed, NAMES)
        newer = open_home(tmp_path / "disturbed", spark, project)
        land(newer, tmp_path, *DAYS[:2])
        newer.run(NAMES)
        before, shown = hashes(newer, NAMES), newer.settings.warehouse_file.read_bytes()

    with wider_project(tmp_path / "older") as project:
        older = open_home(tmp_path / "disturbed", spark, project)
        land(older, tmp_path, DAYS[2])
        said = list[tuple[str, str]]()
        with pytest.raises(NewerWarehouseError, match="Use the newer Guanxi"):
            older.run(NAMES, listener=lambda *words: said.append(words))
        moved = {name for name, digest in hashes(older, NAMES).items() if digest != before[name]}

    (refusal,) = [words for words in said if words[1].startswith("failed")]
    assert refusal[0] == BASKET
    assert "lines is gone" in refusal[1]
    assert moved == set(DATASETS)
    assert older.settings.warehouse_file.read_bytes() == shown

    with newer_project(tmp_path / "newer again") as project:
        forward = open_home(tmp_path / "disturbed", spark, project)
        forward.run(NAMES)

        check_same_tables(hashes(forward, NAMES), expected)
        assert shown_days(forward) == len(DAYS)
