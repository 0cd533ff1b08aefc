"""What every fault must end in, in the same words for all: each record has one fate, each good event is there once, and
published tables are those of a run that nothing disturbed.

A ledger says of each place (object, line; 0 for an object that cannot be read) what should become of the record there.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame

from infra.app.app import App
from infra.app.warehouse import query
from infra.lake.catalog import Lake
from spark_jobs.functions.count_records import count_records

Place = tuple[str, int]
Ledger = Mapping[Place, str]
FATES = {
    "good": "good",
    "quarantined": "quarantined",
    "duplicate": "duplicates",
    "superseded": "superseded",
    "conflict": "conflicts",
    "superseded_object": "superseded_object",
    "held": "held",
}
"""The columns of marts.source_balance that count fates, by fate."""
BALANCE = "marts.source_balance"


def balance_of(app: App, source: str) -> dict[str, dict[str, Any]]:
    """The rows of the balance by the name of the object."""
    sql = f"select * from {BALANCE} where source = '{source}'"
    columns, rows = query(app.settings.warehouse_file, sql)
    found = [dict(zip(columns, row, strict=True)) for row in rows]
    return {row["object_name"]: row for row in found}


def check_balance(app: App, source: str, ledger: Ledger, empty: Iterable[str] = ()) -> None:
    """in = good + quarantined + duplicates + superseded + conflicts, object for object, as the ledger has it.

    `empty` are objects without a record. Objects of one name count together.
    """
    told: dict[str, Counter[str]] = {name: Counter() for name in empty}
    for (name, _), fate in ledger.items():
        told.setdefault(name, Counter())[FATES[fate]] += 1
    columns = ("received", *FATES.values())
    sums = ", ".join(f"sum({column})::bigint" for column in columns)
    sql = f"select object_name, {sums}, bool_and(balanced) from {BALANCE} where source = '{source}' group by all"
    rows = query(app.settings.warehouse_file, sql)[1]
    found = {str(row[0]): row[1:] for row in rows}
    expected = {
        name: (fates.total(), *(fates[column] for column in FATES.values()), True) for name, fates in told.items()
    }
    assert found == expected


def check_events(app: App, source: str, ledger: Ledger) -> None:
    """Each good record of the ledger is one event, and there is no other event of this source."""
    found: list[Place] = []
    for name, contract in app.datasets.contracts.items():
        if contract.layer == "events" and app.lake.find(name) is not None:
            rows = app.lake.table(name).scan(selected_fields=("source", "object_name", "position")).to_arrow()
            found += [(row["object_name"], row["position"]) for row in rows.to_pylist() if row["source"] == source]
    assert sorted(found) == sorted(place for place, fate in ledger.items() if fate == "good")


def check_records(app: App, source: str, ledger: Ledger) -> None:
    """All of it for one source."""
    check_balance(app, source, ledger)
    check_events(app, source, ledger)


def check_same_tables(found: Mapping[str, str], undisturbed: Mapping[str, str]) -> None:
    """Content hashes of published tables are those of a run that nothing disturbed."""
    assert undisturbed
    assert dict(found) == dict(undisturbed)


def check_reader(
    batches: Iterable[pa.RecordBatch], stored: bytes, told: Mapping[int, str | None], header: bool
) -> None:
    """Each record that the independent count finds is one row, and is sound or has the problem it is told to have.

    `told`: the problem by place, None for a sound record.
    """
    rows = [row for batch in batches for row in batch.to_pylist()]
    assert len(rows) == count_records(stored, has_header=header)
    assert {row["position"]: row["problem"] for row in rows} == dict(told)
    assert all(row["original"] is not None for row in rows)


def check_fates(resolved: DataFrame, told: Mapping[Place, str]) -> None:
    """What became of records that were read, by object and place."""
    assert {(row["object_name"], row["position"]): row["fate"] for row in resolved.collect()} == dict(told)


def check_published(lake: Lake, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """A table shows exactly these rows."""
    found = lake.table(name).scan().to_arrow().to_pylist()
    assert sorted(map(repr, found)) == sorted(repr(dict(row)) for row in rows)


def check_closed(closes: Iterable[bool]) -> None:
    """At least one result keeps the rows from publication."""
    assert any(closes)


def check_absent(secret: bytes, contents: Mapping[str, bytes]) -> None:
    """A secret stands in none of these files, nor in their names."""
    assert contents
    assert [name for name, content in contents.items() if secret in content or secret.decode() in name] == []
