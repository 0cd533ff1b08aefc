"""Small contract files for tests: a whole that is right, in which a test changes one thing."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from expectations.contract import Contract, read_contract

Changes = dict[str, Any]

DAY = {"name": "day", "logicalType": "date", "required": True, "partitioned": True, "partitionKeyPosition": 1}
SOURCE = {
    "namespace": "shop",
    "timezone": "Europe/London",
    "currency": "GBP",
    "latenessDays": 1,
    "targets": ["events.sale"],
    "format": {"type": "csv", "delimiter": ","},
}
ACCOUNT = {"name": "account_id", "logicalType": "string", "classification": "pseudonym"}


def column(name: str, logical_type: str = "string", **more: object) -> Changes:
    return {"name": name, "logicalType": logical_type, **more}


def amount(name: str = "amount", **more: object) -> Changes:
    return column(name, "number") | {"physicalType": "decimal(18,4)", **more}


def key(of: Changes, position: int) -> Changes:
    return {**of, "required": True, "primaryKey": True, "primaryKeyPosition": position}


def library(metric: str, severity: str = "critical", **more: object) -> Changes:
    return {"type": "library", "metric": metric, "severity": severity, **more}


def expectation(kind: str, severity: str = "critical", name: str | None = None, **kwargs: object) -> Changes:
    implementation = {"type": kind, "kwargs": kwargs}
    rule = {"type": "custom", "engine": "great-expectations", "severity": severity, "implementation": implementation}
    return rule | ({"name": name} if name else {})


def weekday_volume(severity: str = "critical", tolerance: float = 0.5, weeks: int = 4) -> Changes:
    implementation = {"check": "weekdayVolume", "tolerance": tolerance, "weeks": weeks}
    return {"type": "custom", "engine": "guanxi", "severity": severity, "implementation": implementation}


def document(name: str, columns: list[Changes], rules: list[Changes] | None = None, **root: object) -> Changes:
    """A contract of dataset `name`; keyword arguments become custom properties at the root."""
    table: Changes = {
        "name": name.split(".")[1],
        "dataGranularityDescription": "one row for each",
        "properties": columns,
    }
    if rules:
        table["quality"] = rules
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": name,
        "version": "1.0.0",
        "status": "active",
        "description": {"purpose": "Shows what a contract is."},
        "team": {"name": "growth"},
        "customProperties": [{"property": entry, "value": value} for entry, value in root.items()],
        "schema": [deepcopy(table)],
    }


def feature(rules: list[Changes] | None = None, columns: list[Changes] | None = None, **root: object) -> Changes:
    """features.spend: day and account are the key, amount is a decimal."""
    own = columns or [key(DAY, 1), key(ACCOUNT, 2), amount()]
    return document("features.spend", own, rules, **root)


def feed(**changes: object) -> Changes:
    """raw.shop: a feed of two delivered columns that fills events.sale."""
    columns = [column("Invoice"), column("Customer", classification="personal")]
    return document("raw.shop", columns, firstDay="2010-12-01", source={**SOURCE, **changes})


def events() -> Changes:
    """events.sale: the standard columns around a payload of two."""
    standard = [DAY, column("source"), column("namespace"), key(column("event_id"), 1)]
    place = [column("object_sha256"), column("object_name"), column("position", "integer")]
    return document("events.sale", [*standard, amount(required=True), ACCOUNT, *place])


def write(folder: Path, content: Changes) -> Path:
    """The contract where its id says it belongs."""
    layer, short_name = content["id"].split(".")
    path: Path = folder / layer / f"{short_name}.odcs.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    return path


def contract(folder: Path, content: Changes) -> Contract:
    """The contract as read from a file."""
    return read_contract(write(folder, content))
