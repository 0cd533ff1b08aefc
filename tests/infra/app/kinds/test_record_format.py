"""A contract's format names the module that reads it, and what that module cannot read is refused with a remedy."""

from pathlib import Path

import pytest

from expectations.contract_error import ContractError
from infra.app import code
from infra.app.kinds.record_format import count, format_module, is_readable, record_format, wire_columns
from tests.expectations.contract_files import Changes, column, contract, document, feed

JSON = {"type": "jsonlines"}


def nested(*columns: Changes) -> Changes:
    """raw.shop as a feed of JSON lines with some columns."""
    source = feed(format=JSON)["customProperties"][1]["value"]
    return document("raw.shop", list(columns), firstDay="2010-12-01", source=source)


@pytest.mark.parametrize(("kind", "has_header"), [("csv", True), ("jsonlines", False)])
def test_the_format_chooses_the_reader(tmp_path: Path, kind: str, has_header: bool) -> None:
    shop = contract(tmp_path, feed(format={"type": kind}))

    assert format_module(shop) == f"spark_jobs.formats.{kind}"
    assert record_format(shop).HAS_HEADER is has_header


@pytest.mark.parametrize(("header", "records"), [(True, 1), (False, 2)])
def test_the_first_line_counts_where_the_form_has_no_header(tmp_path: Path, header: bool, records: int) -> None:
    shop = contract(tmp_path, feed(format={"type": "csv", "header": header}))

    assert count(shop, b"1,x\n2,y\n") == records
    assert is_readable(shop, b"\xff,x\n2,y\n") is not header


@pytest.mark.parametrize(
    ("content", "place", "remedy"),
    [
        (
            feed(format={"type": "count"}),
            "there is no format count",
            "Use one of csv, jsonlines, jsonpage, or add",
        ),
        (feed(format={"type": "../raw"}), "source.format.type", "Use one of csv, jsonlines, jsonpage"),
        (feed(format={"type": "csv", "delimeter": ";"}), "csv has no option delimeter", "there are: delimiter"),
        (feed(format={"type": "jsonpage"}), "items is the path of the list", "Mend it"),
        (feed(format={"type": "jsonpage", "items": "a..b"}), "such as result.items, not a..b", "Mend it"),
        (feed(format={**JSON, "delimiter": ";"}), "jsonlines has no option delimiter", "there are: none"),
        (nested(column("a", "date")), "column a is declared as date", "logicalType"),
        (nested(column("a", physicalName="x"), column("b", physicalName="x.y")), "inside it", "physicalName"),
    ],
)
def test_a_form_that_nothing_reads_is_refused(tmp_path: Path, content: Changes, place: str, remedy: str) -> None:
    shop = contract(tmp_path, content)

    with pytest.raises(ContractError) as refused:
        record_format(shop)

    assert str(refused.value).startswith(f"{shop.path}: ")
    assert place in str(refused.value)
    assert remedy in str(refused.value)


def test_a_column_stands_where_its_physical_name_says_or_under_its_own(tmp_path: Path) -> None:
    shop = contract(tmp_path, nested(column("id"), column("pieces", "integer", physicalName="data.pieces")))

    assert [(c.name, c.path, c.type) for c in wire_columns(shop)] == [
        ("id", "id", "string"),
        ("pieces", "data.pieces", "integer"),
    ]


def test_the_code_of_a_source_is_that_of_its_own_format() -> None:
    csv, jsonlines = (set(code._closure([f"spark_jobs.formats.{kind}"])) for kind in ("csv", "jsonlines"))

    assert "spark_jobs.functions.csv_decode" in csv - jsonlines
    assert "spark_jobs.functions.json_decode" in jsonlines - csv
