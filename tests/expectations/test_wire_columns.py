"""Where a delivered column stands on the wire, and what else a feed may declare."""

from pathlib import Path

import pytest

from expectations.contract_error import ContractError
from tests.expectations.contract_files import Changes, column, contract, document, feed


def delivered(*columns: Changes) -> Changes:
    """raw.shop with some delivered columns."""
    source = feed()["customProperties"][1]["value"]
    return document("raw.shop", list(columns), firstDay="2010-12-01", source=source)


def test_a_column_has_a_place_and_a_type_on_the_wire(tmp_path: Path) -> None:
    shop = contract(tmp_path, delivered(column("id"), column("pieces", "integer", physicalName="data.pieces")))

    assert [(c.wire_path, c.logical_type) for c in shop.columns] == [("id", "string"), ("data.pieces", "integer")]


@pytest.mark.parametrize("change", [{"physicalName": "data.pieces"}, {"logicalType": "integer"}])
def test_another_place_or_type_changes_the_semantics(tmp_path: Path, change: Changes) -> None:
    before = contract(tmp_path, delivered(column("pieces"))).semantics()

    assert contract(tmp_path, delivered({**column("pieces"), **change})).semantics() != before


def test_two_columns_of_one_place_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"column data\.a: a column is declared once"):
        contract(tmp_path, delivered(column("a", physicalName="data.a"), column("b", physicalName="data.a")))


def test_a_feed_may_say_that_every_object_has_a_manifest(tmp_path: Path) -> None:
    plain, required = contract(tmp_path, feed()), contract(tmp_path, feed(manifest="required"))

    assert plain.source is not None
    assert required.source is not None
    assert (plain.source.manifest, required.source.manifest) == (False, True)
    assert plain.semantics() == required.semantics()


def test_a_feed_may_say_of_which_columns_a_manifest_has_the_sum(tmp_path: Path) -> None:
    plain = contract(tmp_path, feed(manifest="required"))
    summed = contract(tmp_path, feed(manifest="required", totals=["AMOUNT"]))

    assert plain.source is not None
    assert summed.source is not None
    assert (plain.source.totals, summed.source.totals) == ((), ("AMOUNT",))
    assert plain.semantics() == summed.semantics()


@pytest.mark.parametrize("value", [True, "optional", None])
def test_another_word_about_manifests_is_refused(tmp_path: Path, value: object) -> None:
    with pytest.raises(ContractError, match="Write manifest: required, or leave it out"):
        contract(tmp_path, feed(manifest=value))
