"""What a form writes is what its manifest says; a control total is the sum of what stands in the object."""

import csv
import gzip
import hashlib
import io
import json
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pytest

from infra.simulator.simulate import simulate
from infra.simulator.wire.dirt import LEVELS
from infra.simulator.wire.forms import CsvObjects, Form, ItemStream, JsonObjects
from infra.simulator.wire.object_dirt import ODD_NAMES
from infra.simulator.wire.record import Line
from infra.simulator.world.world import Setting

DAY = date(2026, 3, 2)
HEAD, NEWER = b"NO,AMOUNT_YUAN", b"NO,AMOUNT_YUAN,FEE"


def line(data: bytes, head: bytes = b"") -> Line:
    return Line(data, data.decode(errors="replace"), DAY, "events.plain", "good", head=head)


def manifest(folder: Path, name: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((folder / f"{name}.manifest.json").read_text())
    return said


def total_of(stored: bytes) -> Decimal:
    """The sum of AMOUNT_YUAN over the rows that a usual reader of CSV can take."""
    rows = csv.reader(io.StringIO(gzip.decompress(stored).decode(errors="replace"), newline=""))
    names = next(rows)
    total = Decimal(0)
    for row in rows:
        if len(row) == len(names):
            try:
                total += Decimal(row[names.index("AMOUNT_YUAN")])
            except InvalidOperation:
                continue
    return total


def test_json_lines_are_spread_over_objects_that_their_manifests_describe(tmp_path: Path) -> None:
    lines = [line(b"%d" % number) for number in range(10)]

    delivered = JsonObjects().deliver(tmp_path, "shop", DAY, lines)

    folder = tmp_path / "deliveries" / "2026-03-02" / "shop"
    assert [one.object for one in delivered] == [f"2026-03-02-00{number}.jsonl.gz" for number in range(3)]
    assert [found for one in delivered for found in one.lines] == lines
    for one in delivered:
        digest = hashlib.sha256((folder / one.object).read_bytes()).hexdigest()
        assert manifest(folder, one.object) == {"object": one.object, "lines": len(one.lines), "sha256": digest}


def test_csv_has_an_object_for_each_header_and_its_records_begin_on_the_second_line(tmp_path: Path) -> None:
    lines = [line(b"1,2.00,0.10", NEWER), line(b"2,3.50", HEAD), line(b"3,4.00,0.20", NEWER)]

    delivered = CsvObjects(("AMOUNT_YUAN",)).deliver(tmp_path, "pay", DAY, lines)

    folder = tmp_path / "deliveries" / "2026-03-02" / "pay"
    contents = [gzip.decompress((folder / one.object).read_bytes()) for one in delivered]
    assert contents == [HEAD + b"\n2,3.50\n", NEWER + b"\n1,2.00,0.10\n3,4.00,0.20\n"]
    assert [one.first for one in delivered] == [2, 2]
    totals = [manifest(folder, one.object)["totals"] for one in delivered]
    assert totals == [{"AMOUNT_YUAN": "3.50"}, {"AMOUNT_YUAN": "6.00"}]


@pytest.mark.parametrize(
    "broken", [b"2", b"2,x", b"2,1\x00.00", b"2,1\xc3\x28.00", b'2,1"0".00', b"2,7,1", b"2,", b'2,"1\n.00"']
)
def test_a_row_of_another_length_or_without_an_amount_is_not_in_the_total(tmp_path: Path, broken: bytes) -> None:
    rows = [line(b"1,0.10", HEAD), line(broken, HEAD), line(b"3,-0.03", HEAD)]

    (one,) = CsvObjects(("AMOUNT_YUAN",)).deliver(tmp_path, "pay", DAY, rows)

    said = manifest(tmp_path / "deliveries" / "2026-03-02" / "pay", one.object)
    assert said["totals"] == {"AMOUNT_YUAN": "0.07"}
    assert said["lines"] == sum(row.physical_lines for row in rows)


def test_control_totals_are_exact_sums_of_what_stands_in_the_objects(tmp_path: Path) -> None:
    simulate(Setting(600, DAY), 2, LEVELS["heavy"], tmp_path)

    told = ds.dataset(tmp_path / "truth" / "object_ledger").to_table().to_pylist()
    # What is wrong as a whole is no question of sums, and what is empty has no rows to sum up.
    with_rows = {row["object"] for row in told if row["kind"] in {"sound", "same_bytes", *ODD_NAMES}}
    objects = [file for file in sorted((tmp_path / "deliveries").rglob("*.csv.gz")) if file.name in with_rows]

    assert objects
    for file in objects:
        said = manifest(file.parent, file.name)
        assert Decimal(said["totals"]["AMOUNT_YUAN"]) == total_of(file.read_bytes())


def test_a_stream_is_a_file_of_items_in_the_order_they_are_served_in(tmp_path: Path) -> None:
    lines = [line(b"2"), line(b"1")]

    (one,) = ItemStream().deliver(tmp_path, "social", DAY, lines)

    assert (one.object, one.lines, one.first) == ("2026-03-02.jsonl", tuple(lines), 1)
    assert (tmp_path / "api" / "social" / one.object).read_bytes() == b"2\n1\n"


@pytest.mark.parametrize("form", [JsonObjects(), CsvObjects(("AMOUNT_YUAN",)), ItemStream()])
def test_where_nothing_arrives_nothing_is_written(tmp_path: Path, form: Form) -> None:
    assert form.deliver(tmp_path, "any", DAY, []) == []
    assert not list(tmp_path.rglob("*.*"))


def test_only_what_is_renamed_is_announced(tmp_path: Path) -> None:
    ItemStream().announce(tmp_path, "silent", DAY)
    ItemStream({"old": "new"}).announce(tmp_path, "telling", DAY)

    (notice,) = tmp_path.rglob("notice.json")
    assert notice.parent.name == "telling"
    assert json.loads(notice.read_text()) == {"from": "2026-03-02", "renamed": {"old": "new"}, "added": []}
