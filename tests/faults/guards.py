"""The oracles of faults in small, and how to take the guard away that makes each of them hold."""

import gzip
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from pyiceberg.catalog.sql import SqlCatalog
from pyspark.sql import SparkSession

from expectations import gate
from infra.app import pull, withheld
from infra.app.app import App
from infra.lake import branch
from infra.lake.catalog import Lake
from infra.lake.landing import DamagedError
from infra.lake.settings import Settings
from spark_jobs.functions import json_fields, json_line, resolve
from spark_jobs.functions.json_decode import decode_object
from spark_jobs.functions.wire_column import WireColumn
from tests.expectations.sales import GOOD as SALES
from tests.expectations.sales import on_pandas, sales_contract
from tests.faults import test_stored_bytes as stored_bytes
from tests.infra.lake.conftest import NAME, SCHEMA
from tests.spark_jobs.functions.test_resolve import COLUMNS as RECORD_COLUMNS
from tests.spark_jobs.functions.test_resolve import FIRST, Record
from tests.support.oracle import check_absent, check_closed, check_fates, check_reader

CANARY = "canary-0451"
COLUMNS = (WireColumn("id", "id"),)
SOUND = b'{"id":"1"}\n'
QUOTING = f"Runtime Error in model growth_daily\n  Conversion Error: Could not convert string '{CANARY}' to INT32"
Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Place:
    """Where an oracle may work, and the session it may use."""

    folder: Path
    spark: Callable[[], SparkSession]
    patch: Patch


def reads(line: bytes, problem: str) -> Callable[[Place], None]:
    stored = SOUND + line + b"\n" + SOUND
    return lambda _: check_reader(decode_object(stored, COLUMNS), stored, {1: None, 2: problem, 3: None}, header=False)


def reads_half(_: Place) -> None:
    stored = gzip.compress(SOUND * 1000, mtime=0)[:-9]
    check_reader(decode_object(stored, COLUMNS), stored, {0: "unreadable_object"}, header=False)


class Lenient:
    """Takes whatever comes for blanks."""

    match = json_line.BLANKS.match

    @staticmethod
    def fullmatch(*_: object) -> bool:
        return True


def forget_case(patch: Patch) -> None:
    take = json_fields._take

    def lenient(found: Any, level: Any, path: str, taken: json_fields.Taken) -> None:
        take(found, level, path, taken)
        taken.problems.discard(json_fields.WRONG_CASE_KEY)

    patch.setattr(json_fields, "_take", lenient)


def door(name: str, said: str | None) -> Callable[[Place], None]:
    """What should not be landed is not."""

    def keeps_out(place: Place) -> None:
        app = App(Settings(home=place.folder / "home"))
        inbox = app.settings.inbox_dir / "shop_plugin"
        inbox.mkdir(parents=True, exist_ok=True)
        (inbox / name).write_bytes(SOUND)
        manifest = {"object": name, "lines": 1, "sha256": said or hashlib.sha256(SOUND).hexdigest()}
        (inbox / f"{name}.manifest.json").write_text(json.dumps(manifest))
        pull.pull(app, "shop_plugin")
        assert app.landing.objects() == []

    return keeps_out


def believe(patch: Patch) -> None:
    patch.setattr(pull, "_checked", lambda file, manifest, _: pull.Manifest.model_validate_json(manifest.read(1 << 20)))


def published(scenario: Callable[[Settings], None]) -> Callable[[Place], None]:
    def check(place: Place) -> None:
        settings = Settings(home=place.folder / "home")
        Lake(settings).ensure(NAME, SCHEMA, ["day"])
        scenario(settings)

    return check


def swap_without_compare(patch: Patch) -> None:
    commit = SqlCatalog.commit_table
    patch.setattr(SqlCatalog, "commit_table", lambda self, table, _, updates: commit(self, table, (), updates))
    patch.setattr(branch, "ancestors", lambda table, _: [one.snapshot_id for one in table.metadata.snapshots])


def publish_the_tip(patch: Patch) -> None:
    publish = branch.publish

    def tip(lake: Lake, name: str, _: int) -> None:
        publish(lake, name, branch.head(lake.table(name), "run_0"))

    patch.setattr(branch, "publish", tip)


def engine_crashes(place: Place) -> None:
    def crash(*_: object) -> None:
        raise MemoryError

    place.patch.setattr(gate, "_run", crash)
    check_closed(result.closes_gate for result in on_pandas(sales_contract(place.folder), SALES))


def open_after_a_crash(patch: Patch) -> None:
    crash = gate._crash
    patch.setattr(gate, "_crash", lambda *said: replace(crash(*said), passed=True))


def nothing_came(place: Place) -> None:
    check_closed(result.closes_gate for result in on_pandas(sales_contract(place.folder), []))


def changed_byte(place: Place) -> None:
    app = App(Settings(home=place.folder / "home"))
    item = stored_bytes.landed(app, place.folder)
    stored_bytes.flip(Path(item.path))
    try:
        found = [stored_bytes.count_and_find(app, item)]
    except DamagedError:
        found = []
    assert found == []


def fates(place: Place) -> None:
    """A copy, an older and a newer version, two payloads of one version: each event is there once."""
    records = [
        Record("x", "copied", FIRST, "p", None, "a", "a.csv", 1),
        Record("x", "copied", FIRST, "p", None, "a", "a.csv", 2),
        Record("x", "revised", FIRST, "p", 1, "a", "a.csv", 3),
        Record("x", "revised", FIRST, "q", 2, "a", "a.csv", 4),
        Record("x", "contradicted", FIRST, "p", 1, "a", "a.csv", 5),
        Record("x", "contradicted", FIRST, "q", 1, "a", "a.csv", 6),
    ]
    told = ["good", "duplicate", "superseded", "good", "conflict", "good"]
    frame = place.spark().createDataFrame(records, RECORD_COLUMNS)
    expected = {("a.csv", number): fate for number, fate in enumerate(told, start=1)}
    check_fates(resolve.resolve(frame, identity_window_days=1), expected)


def take_all_for_good(patch: Patch) -> None:
    from pyspark.sql import functions as F

    patch.setattr(resolve, "_fate_in_one_day", lambda: F.lit("good"))


def tells(_: Place) -> None:
    check_absent(CANARY.encode(), {"message": withheld.without_quotes(QUOTING).encode()})
