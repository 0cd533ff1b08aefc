"""Every mistake in a contract is an error that names its file, the place and the remedy."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from expectations.contract import ContractError, read_contract
from tests.expectations.contract_files import (
    DAY,
    SOURCE,
    Changes,
    amount,
    column,
    events,
    feature,
    feed,
    key,
    library,
    weekday_volume,
    write,
)


def _without(content: Changes, entry: str) -> Changes:
    return {**content, "customProperties": [p for p in content["customProperties"] if p["property"] != entry]}


def _table(content: Changes, **changes: object) -> Changes:
    return {**content, "schema": [{**content["schema"][0], **changes}]}


def _inputs() -> list[Changes]:
    return [{"property": "inputs", "value": {"events.visit": {"before": 0}}}]


def _rule_at_delivered_column() -> Changes:
    content = feed()
    content["schema"][0]["properties"][0]["quality"] = [library("nullValues", mustBe=0)]
    return content


def _struct() -> Changes:
    return column("who", "object", properties=[column("id", primaryKey=True)])


def _asked(**changes: Any) -> Changes:
    """A feed that is asked for its pages, of whose interface an entry is changed, or left out where it is None."""
    interface = {"resource": "activities", "next": "paging.next", "more": "paging.more"}
    entries = {name: changes.pop(name) for name in changes.keys() - {"format", "manifest"}}
    api = {name: value for name, value in {**interface, **entries}.items() if value is not None}
    return feed(api=api, **{"format": {"type": "jsonpage", "items": "data"}, **changes})


BROKEN: dict[str, tuple[Callable[[], Changes], str, str]] = {
    "id of another dataset": (lambda: {**feature(), "id": "features.spend", "schema": []}, "schema", "own file"),
    "table of another name": (lambda: _table(feature(), name="spending"), "schema.name", "Call the table spend"),
    "unknown window": (lambda: feature(inputs={"events.sale": {"lookback": 3}}), "inputs.events.sale", "{before: 29"),
    "negative window": (lambda: feature(inputs={"events.sale": {"before": -1}}), "before is -1", "{before: 29"),
    "half a day": (lambda: feature(inputs={"events.sale": {"before": 0, "after": 0.5}}), "after is 0.5", "{before"),
    "inputs of events": (lambda: {**events(), "customProperties": _inputs()}, "inputs", "Remove inputs"),
    "feed without first day": (lambda: _without(feed(), "firstDay"), "firstDay", "Add custom property firstDay"),
    "first day that is none": (lambda: feature(firstDay="2010-02-30"), "firstDay", "'2010-12-01'"),
    "raw without source": (lambda: _without(feed(), "source"), "source", "Add custom property source"),
    "source outside raw": (lambda: feature(source=SOURCE), "source", "Move the contract to raw/"),
    "source with a typo": (lambda: feed(timeZone="UTC"), "unknown: timeZone", "Give exactly currency"),
    "rule at a delivered column": (_rule_at_delivered_column, "delivered columns", "Move it to the table"),
    "interface without paths": (lambda: _asked(next=None), "source.api", "{resource: activities"),
    "interface with a typo": (lambda: _asked(kind=["a"]), "source.api.kind", "Use resource, next, more"),
    "resource outside": (lambda: _asked(resource="../x?y"), "source.api.resource", "relative path"),
    "kinds that are none": (lambda: _asked(kinds=["a,b"]), "source.api.kinds", "[share, click]"),
    "limit of nothing": (lambda: _asked(limit=0), "source.api.limit", "how many items"),
    "pages as lines": (lambda: _asked(format={"type": "jsonlines"}), "source.format.type", "{type: jsonpage"),
    "pages with manifests": (lambda: _asked(manifest="required"), "source.manifest", "Remove it"),
    "sums without manifests": (lambda: feed(totals=["AMOUNT"]), "source.totals", "Write manifest: required"),
    "sums of nothing": (lambda: feed(manifest="required", totals=[]), "source.totals", "[AMOUNT_YUAN]"),
    "unknown time zone": (lambda: feed(timezone="Europe/Atlantis"), "source.timezone", "IANA zone"),
    "identity that is no column": (lambda: feed(identity=["Basket"]), "source.identity", "Use Invoice, Customer"),
    "typo at the root": (lambda: feature(carryState=True), "customProperties.carryState", "carriesState"),
    "no key": (lambda: feature(columns=[DAY, amount()]), "schema.properties", "primaryKey: true"),
    "key inside a struct": (lambda: feature(columns=[key(DAY, 1), _struct()]), "field id", "column of its own"),
    "unknown class": (lambda: feature(columns=[key(DAY, 1), column("x", classification="secret")]), "x", "personal"),
    "unknown type": (lambda: feature(columns=[key(DAY, 1), column("x", "time")]), "logicalType time", "timestamp"),
    "column twice": (lambda: feature(columns=[key(DAY, 1), DAY]), "column day", "Remove one"),
    "unknown severity": (lambda: feature([library("rowCount", "severe", mustBe=1)]), "severity severe", "warning"),
    "rule without severity": (
        lambda: feature([{"type": "library", "metric": "rowCount"}]),
        "severity None",
        "critical",
    ),
    "rule the gate cannot run": (lambda: feature([{"type": "sql", "query": "select 1"}]), "rule sql", "library"),
    "unknown metric": (lambda: feature([library("freshness", mustBe=0)]), "metric freshness", "rowCount"),
    "rule that compares with nothing": (lambda: feature([library("rowCount")]), "rowCount", "mustBe: 0"),
    "rows in percent": (lambda: feature([library("rowCount", mustBe=1, unit="percent")]), "rowCount", "mustBeBetween"),
    "column metric at a table": (lambda: feature([library("nullValues", mustBe=0)]), "nullValues", "to the column"),
    "weekday volume of one week": (lambda: feature([weekday_volume(weeks=1)]), "weekdayVolume", "weeks: 4"),
}


@pytest.mark.parametrize("mistake", BROKEN)
def test_a_mistake_names_the_file_the_place_and_the_remedy(tmp_path: Path, mistake: str) -> None:
    broken, place, remedy = BROKEN[mistake]
    path = write(tmp_path, broken())

    with pytest.raises(ContractError) as raised:
        read_contract(path)

    message = str(raised.value)
    assert message.startswith(f"{path}: ")
    assert place in message
    assert remedy in message


def test_a_file_that_lies_elsewhere_than_its_id_says_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, feature())
    moved = path.rename(path.with_name("spending.odcs.yaml"))

    with pytest.raises(
        ContractError, match=r"spending.odcs.yaml: id: .* says features.spending, the id features.spend"
    ):
        read_contract(moved)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("id: [\n", "line 2"),
        ("id: a\nid: b", "key id stands twice"),
        ("just words", "a contract is a YAML mapping"),
        ("id: features.spend\nschemas: []", "schemas"),
    ],
)
def test_a_file_that_is_no_contract_is_refused(tmp_path: Path, text: str, place: str) -> None:
    path = tmp_path / "features" / "spend.odcs.yaml"
    path.parent.mkdir()
    path.write_text(text)

    with pytest.raises(ContractError, match=place):
        read_contract(path)
