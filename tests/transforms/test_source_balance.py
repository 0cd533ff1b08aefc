"""Every record that was received has one fate, and what is lost or counted twice shows."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from infra.app.dbt_project import DbtProject, PinnedTable
from tests.transforms.small_lake import CONTRACTS, TRANSFORMS, Contract, Feed, SmallLake, build, failed, line, rows

BALANCE = "marts.source_balance"
FATES = (
    "received, good, quarantined, duplicates, superseded, conflicts, superseded_object, erased, held, outdated,"
    " balanced"
)


def delivered(sha: str, records: int, verdict: str = "accepted", source: str = "retail_export") -> dict[str, Any]:
    """A landed object; its name is `<sha>.csv`."""
    return {"source": source, "object_sha256": sha, "name": f"{sha}.csv", "records": records, "verdict": verdict}


def record(sha: str, position: int, day: str, identity: str, payload: str, **other: object) -> dict[str, Any]:
    """A decoded record."""
    return {
        "target": "order_line",
        "event_day": date.fromisoformat(day),
        "object_sha256": sha,
        "object_name": f"{sha}.csv",
        "position": position,
        "record_id": identity,
        "payload_hash": payload,
        **other,
    }


def unreadable(sha: str, position: int) -> dict[str, Any]:
    """A quarantined record."""
    return {
        "object_sha256": sha,
        "object_name": f"{sha}.csv",
        "position": position,
        "reason": "wrong_field_count",
        "rule": "Every record has as many fields as the header.",
        "original": b"a,b",
    }


def published(sha: str, position: int, day: str, **other: Any) -> dict[str, Any]:
    """A row of an events table."""
    return line(day, object_sha256=sha, object_name=f"{sha}.csv", position=position, **other)


def tables(
    lake: SmallLake,
    objects: Sequence[dict[str, Any]],
    records: Sequence[dict[str, Any]],
    events: Sequence[dict[str, Any]],
) -> list[PinnedTable]:
    """The three tables behind the balance."""
    return [
        lake.add("raw.objects", objects),
        lake.add("raw.retail_export", records),
        lake.add("events.order_line", events),
    ]


def balance(staging: Path) -> dict[str, list[Any]]:
    """The mart's fates by object."""
    found = rows(staging, f"select object_sha256, {FATES} from marts.source_balance")
    return {sha: fates for sha, *fates in found}


def test_every_fate_is_counted_once(project: DbtProject, lake: SmallLake, tmp_path: Path) -> None:
    """Identity A: a copy across midnight; B: versions; C: two payloads; D: unreadable; E: held; F: an older object."""
    objects = [delivered("1", 6), delivered("2", 4), delivered("3", 2, "superseded"), delivered("4", 0, "empty")]
    records = [
        record("1", 2, "2011-01-04", "A", "5"),
        record("1", 3, "2011-01-04", "B", "9", version=1),
        record("1", 4, "2011-01-04", "B", "1", version=2),
        record("1", 5, "2011-01-04", "C", "5"),
        record("1", 6, "2011-01-04", "C", "9"),
        unreadable("1", 7),
        record("2", 2, "2011-01-05", "A", "5"),
        record("2", 3, "2011-01-06", "A", "5"),
        record("2", 4, "2011-01-08", "A", "5"),
        record("2", 5, "2011-01-20", "E", "5"),
    ]
    events = [
        published("1", 2, "2011-01-04"),
        published("1", 4, "2011-01-04"),
        published("1", 6, "2011-01-04"),
        published("2", 4, "2011-01-08"),
    ]
    staging = tmp_path / "staging.duckdb"

    result = build(project, staging, tables(lake, objects, records, events), {BALANCE: "2011-01-08"})[BALANCE]

    assert result.passed
    assert failed(result) == {}
    # 5 January copies the 4th and 6 January copies the 5th, each within a day; 8 January has nobody near.
    assert balance(staging) == {
        "1": [6, 3, 1, 0, 1, 1, 0, 0, 0, 0, True],
        "2": [4, 1, 0, 2, 0, 0, 0, 0, 1, 0, True],
        "3": [2, 0, 0, 0, 0, 0, 2, 0, 0, 0, True],
        "4": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, True],
    }


def test_a_record_that_vanished_is_shown_and_said(project: DbtProject, lake: SmallLake, tmp_path: Path) -> None:
    objects = [delivered("1", 2)]
    records = [record("1", 2, "2011-01-04", "A", "5")]
    staging = tmp_path / "staging.duckdb"

    result = build(
        project,
        staging,
        tables(lake, objects, records, [published("1", 2, "2011-01-04")]),
        {BALANCE: None},
    )[BALANCE]

    assert balance(staging) == {"1": [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, False]}
    assert failed(result) == {"source_balance_every_object_balances": ("warn", 1)}
    assert result.passed


@pytest.mark.parametrize(
    ("events", "fates"),
    [
        pytest.param(
            [published("1", 2, "2011-01-04"), published("1", 3, "2011-01-04")],
            {"1": [2, 2, 0, 1, 0, 0, 0, 0, 0, 0, False]},
            id="a duplicate was published beside its original",
        ),
        pytest.param(
            [published("1", 2, "2011-01-04"), published("1", 2, "2011-01-04")],
            {"1": [2, 2, 0, 1, 0, 0, 0, 0, 0, 0, False]},
            id="one record was published twice",
        ),
        pytest.param(
            [published("1", 2, "2011-01-04"), published("9", 2, "2011-01-04")],
            {"1": [2, 1, 0, 1, 0, 0, 0, 0, 0, 0, True], "9": [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, False]},
            id="a row came from an object that nobody registered",
        ),
    ],
)
def test_what_is_counted_twice_does_not_balance(
    project: DbtProject,
    lake: SmallLake,
    tmp_path: Path,
    events: list[dict[str, Any]],
    fates: dict[str, list[Any]],
) -> None:
    objects = [delivered("1", 2)]
    records = [record("1", 2, "2011-01-04", "A", "5"), record("1", 3, "2011-01-04", "A", "5")]
    staging = tmp_path / "staging.duckdb"

    build(project, staging, tables(lake, objects, records, events), {BALANCE: None})

    assert balance(staging) == fates


def test_a_correction_that_a_gate_holds_leaves_both_objects_balanced(
    project: DbtProject, lake: SmallLake, tmp_path: Path
) -> None:
    """Object 2 replaces object 1; its day is held, so object 1's row still stands published."""
    objects = [delivered("1", 1, "superseded"), delivered("2", 1)]
    records = [record("2", 2, "2011-01-04", "A", "9")]
    staging = tmp_path / "staging.duckdb"

    build(project, staging, tables(lake, objects, records, [published("1", 2, "2011-01-04")]), {BALANCE: None})

    assert balance(staging) == {
        "1": [1, 0, 0, 0, 0, 0, 1, 0, 0, 1, True],
        "2": [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, True],
    }


def test_a_table_that_never_had_a_row_counts_as_empty(project: DbtProject, lake: SmallLake, tmp_path: Path) -> None:
    staging = tmp_path / "staging.duckdb"
    pinned = tables(lake, [delivered("1", 1, "unreadable")], [unreadable("1", 0)], [])

    result = build(project, staging, pinned, {BALANCE: None})[BALANCE]

    assert pinned[-1].snapshot_id is None
    assert result.passed
    assert balance(staging) == {"1": [1, 0, 1, 0, 0, 0, 0, 0, 0, 0, True]}


def test_a_further_source_and_events_table_need_no_sql(lake: SmallLake, tmp_path: Path) -> None:
    contracts = {
        **CONTRACTS,
        "raw.live_feed": Contract("raw", "live_feed", Feed(("events.order_line", "events.refund"))),
        "events.refund": Contract("events", "refund"),
    }
    project = DbtProject(TRANSFORMS, tmp_path / "dbt", contracts)
    objects = [delivered("1", 1), delivered("2", 2, source="live_feed")]
    pinned = [
        *tables(
            lake,
            objects,
            [record("1", 2, "2011-01-04", "A", "5")],
            [published("1", 2, "2011-01-04"), published("2", 2, "2011-01-04", source="live_feed")],
        ),
        lake.add(
            "raw.live_feed",
            [
                record("2", 2, "2011-01-04", "B", "5"),
                # The same identity for another target is another event.
                record("2", 3, "2011-01-04", "B", "5", target="events.refund"),
            ],
        ),
        lake.add("events.refund", [published("2", 3, "2011-01-04", source="live_feed")]),
    ]
    staging = tmp_path / "staging.duckdb"

    result = build(project, staging, pinned, {BALANCE: None})[BALANCE]

    assert failed(result) == {}
    assert rows(staging, "select source, received, good, balanced from marts.source_balance order by source") == [
        ("live_feed", 2, 2, True),
        ("retail_export", 1, 1, True),
    ]
