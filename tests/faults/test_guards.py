"""With the product's guard taken away, the oracle of its fault fails: so it would be seen if the guard were lost."""

import gzip
import hashlib
import json
import zlib
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
from infra.lake.landing import DamagedError, Landing
from infra.lake.settings import Settings
from spark_jobs.functions import json_fields, json_line, object_bytes, resolve
from spark_jobs.functions.json_decode import decode_object
from spark_jobs.functions.wire_column import WireColumn
from tests.expectations.conftest import quality_engine  # noqa: F401 - a fixture
from tests.expectations.sales import GOOD as SALES
from tests.expectations.sales import on_pandas, sales_contract
from tests.faults import test_publication as publication
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
    patch.setattr(pull, "_checked", lambda file, manifest, _: pull.Manifest.model_validate_json(manifest.read_bytes()))


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


CASES = [
    pytest.param(
        reads(b'{"id":"1"}{"id":"2"}', "trailing_data"),
        lambda patch: patch.setattr(json_line, "BLANKS", Lenient),
        id="trailing data",
        marks=pytest.mark.fault(1, how="without the check of what is behind an object the oracle fails"),
    ),
    pytest.param(
        reads(b'{"id":"1","id":"2"}', "duplicate_key"),
        lambda patch: patch.setattr(json_line.LineParser, "_as_object", lambda _, pairs: dict(pairs)),
        id="duplicate key",
        marks=pytest.mark.fault(2, how="without the check for keys that stand twice the oracle fails"),
    ),
    pytest.param(
        reads(b'{"ID":"1"}', "wrong_case_key"),
        forget_case,
        id="case of keys",
        marks=pytest.mark.fault(3, how="without the check for keys in another case the oracle fails"),
    ),
    pytest.param(
        reads_half,
        lambda patch: patch.setattr(object_bytes, "_gunzip", lambda data: zlib.decompressobj(31).decompress(data)),
        id="end of gzip",
        marks=pytest.mark.fault(7, how="without the check for the end of a gzip file the oracle fails"),
    ),
    pytest.param(
        reads(b'{"id":"\xc7\xe0\xbb\xa8"}', "invalid_utf8"),
        lambda patch: patch.setattr(json_line, "_decoded", lambda line: line.decode("utf-8", "replace")),
        id="encoding",
        marks=pytest.mark.fault(8, how="without strict decoding the oracle fails"),
    ),
    pytest.param(
        nothing_came,
        lambda patch: patch.setattr(gate, "_needs_rows", lambda _: False),
        id="volume",
        marks=pytest.mark.fault(13, how="without the volume gate the oracle fails"),
    ),
    pytest.param(
        fates,
        take_all_for_good,
        id="fates",
        marks=pytest.mark.fault(16, 17, 18, how="without the comparison of deliveries the oracle fails"),
    ),
    pytest.param(
        door("a.jsonl", "0" * 64),
        believe,
        id="manifest",
        marks=pytest.mark.fault(21, how="without the comparison with the manifest the oracle fails"),
    ),
    pytest.param(
        door("a.jsonl.part", None),
        lambda patch: patch.setattr(pull, "is_complete", lambda _: True),
        id="unfinished",
        marks=pytest.mark.fault(21, how="without the check of unfinished names the oracle fails"),
    ),
    pytest.param(
        published(publication.publish_after_another),
        swap_without_compare,
        id="compare and swap",
        marks=pytest.mark.fault(29, 31, how="without compare-and-swap the oracle fails"),
    ),
    pytest.param(
        published(publication.publish_beside_a_zombie),
        publish_the_tip,
        id="seal",
        marks=pytest.mark.fault(29, how="if a branch's tip were published and not its seal, the oracle fails"),
    ),
    pytest.param(
        engine_crashes,
        open_after_a_crash,
        id="fail closed",
        marks=pytest.mark.fault(37, how="if a crash left the gate open, the oracle fails"),
    ),
    pytest.param(
        changed_byte,
        lambda patch: patch.setattr(Landing, "_refuse_damaged", lambda *_: None),
        id="content hash",
        marks=pytest.mark.fault(43, how="without the comparison of content hashes the oracle fails"),
    ),
    pytest.param(
        tells,
        lambda patch: patch.setattr(withheld, "without_quotes", str),
        id="quotes",
        marks=pytest.mark.fault(45, how="if an engine's quotes of the data were kept, the oracle fails"),
    ),
]


@pytest.mark.usefixtures("quality_engine")
@pytest.mark.parametrize(("oracle", "take_away"), CASES)
def test_without_its_guard_the_oracle_of_a_fault_fails(
    oracle: Callable[[Place], None],
    take_away: Callable[[Patch], None],
    tmp_path: Path,
    monkeypatch: Patch,
    request: pytest.FixtureRequest,
) -> None:
    def place(name: str) -> Place:
        folder = tmp_path / name
        folder.mkdir()
        return Place(folder, lambda: request.getfixturevalue("spark"), monkeypatch)

    oracle(place("guarded"))

    take_away(monkeypatch)

    with pytest.raises(AssertionError):
        oracle(place("unguarded"))
