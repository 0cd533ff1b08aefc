"""The ledger of objects names each that is dropped; what goes wrong with objects moves no line of the other ledger."""

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from infra.simulator.simulate import simulate
from infra.simulator.wire.dirt import LEVELS
from infra.simulator.wire.feed import find_feeds
from infra.simulator.wire.forms import CsvObjects, Form, JsonObjects
from infra.simulator.wire.object_dirt import AGAIN, CHANGES, ODD_NAMES
from infra.simulator.world.world import Setting

DAY = date(2026, 3, 2)
CSV_ONLY = {"wrong_total", "header_only"}
VERDICTS = {
    "refused": {"truncated", "wrong_lines", "wrong_sha256", "wrong_total"},
    "waits": {"no_manifest", "still_written"},
    "copy": {"same_bytes", AGAIN},
    "landed": {"sound", "empty_file", "blank_lines", "header_only", *ODD_NAMES},
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    simulate(Setting(300, DAY), 2, LEVELS["heavy"], folder)
    return folder


def test_the_object_ledger_names_every_object_that_is_dropped_on_its_day(world: Path) -> None:
    for folder in sorted((world / "deliveries").iterdir()):
        told = ds.dataset(world / "truth" / "object_ledger" / f"{folder.name}.parquet").to_table().to_pylist()
        files = [file for file in folder.glob("*/*") if not file.name.endswith(".manifest.json")]

        assert sorted((row["source"], row["object"]) for row in told) == sorted((f.parent.name, f.name) for f in files)


@pytest.mark.parametrize(("form", "missing"), [(JsonObjects, CSV_ONLY), (CsvObjects, set())])
def test_each_day_with_objects_has_every_kind_that_their_form_allows(
    world: Path, form: type[Form], missing: set[str]
) -> None:
    sources = {feed.name for feed in find_feeds() if isinstance(feed.form, form)}
    kinds: dict[tuple[str, str], set[str]] = {}
    for file in (world / "truth" / "object_ledger").iterdir():
        for row in pq.read_table(file).to_pylist():
            kinds.setdefault((file.stem, row["source"]), set()).add(row["kind"])

    of_form = {key: found for key, found in kinds.items() if key[1] in sources}
    assert {source for _, source in of_form} == sources
    assert all(set(CHANGES) - found == missing and found & set(ODD_NAMES) for found in of_form.values())


def test_no_line_has_another_fate_for_what_goes_wrong_with_objects(world: Path, tmp_path: Path) -> None:
    simulate(Setting(300, DAY), 2, replace(LEVELS["heavy"], objects=0.0), tmp_path)

    undisturbed, disturbed = fates(tmp_path), fates(world)

    assert not undisturbed - disturbed
    assert {verdict for _, _, verdict, _ in disturbed - undisturbed} == {"duplicate", "quarantined"}


def test_kinds_have_the_verdict_of_their_group(world: Path) -> None:
    told = ds.dataset(world / "truth" / "object_ledger").to_table().to_pylist()

    verdicts = {(row["kind"], row["verdict"]) for row in told}

    assert verdicts <= {(kind, verdict) for verdict, kinds in VERDICTS.items() for kind in kinds}


def fates(out: Path) -> Counter[tuple[str, str | None, str, str | None]]:
    rows = ds.dataset(out / "truth" / "ledger").to_table().to_pylist()
    return Counter((row["source"], row["id"], row["verdict"], row["reason"]) for row in rows)
