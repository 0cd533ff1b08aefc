"""Bad records and objects of both forms of file are quarantined one by one, and what stands beside them is taken in."""

import gzip
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from infra.app.app import App
from infra.app.kinds.landing_objects import OBJECTS
from infra.loop.run import Outcome
from tests.faults.broken_objects import (
    GOOD,
    PLUGIN,
    RETAIL,
    Broken,
    as_line,
    between,
    deep,
    event,
    half,
    long,
    order,
    plugin_object,
    retail_object,
    row,
    rows_between,
    with_note,
    written,
)
from tests.support.home import open_home, order_line
from tests.support.oracle import BALANCE, balance_of, check_balance, check_events
from tests.support.retail_sample import COLUMNS

pytestmark = pytest.mark.slow

SOUND = gzip.compress(b"\n".join(as_line(event(f"sound-{n}")) for n in range(50)), mtime=0)
SOUND_ROWS = gzip.compress(written(*[order_line(invoice=f"7{n:05d}") for n in range(50)]), mtime=0)
GBK = '"' + "青花茶杯" + '"'
EVENTS = ("events.interaction", "events.order_line")
BOM = b"\xef\xbb\xbf"
RENAMED = tuple("Qty" if name == "Quantity" else name for name in COLUMNS)
GROWN = (*COLUMNS, "Campaign")
SHRUNK = tuple(name for name in COLUMNS if name != "UnitPrice")

BAD = [
    pytest.param(
        between("one-line", (as_line(event("a")) + as_line(event("b")), "trailing_data")),
        marks=pytest.mark.fault(1, how="two events on a line of the plugin's"),
    ),
    pytest.param(
        between("key-twice", (as_line(event("a"))[:-1] + b',"id":"b"}', "duplicate_key")),
        marks=pytest.mark.fault(2, how="an event whose id stands twice"),
    ),
    pytest.param(
        between("case", (as_line(event("a", id=None, ID="a")), "wrong_case_key")),
        marks=pytest.mark.fault(3, how="ID where id is promised"),
    ),
    pytest.param(
        rows_between("31", (row() + b",extra", {0: "wrong_field_count"}), (b"500,1001", {0: "wrong_field_count"})),
        marks=pytest.mark.fault(4, how="a row with a ninth column, a row of two"),
    ),
    pytest.param(
        rows_between("32", (row(name="TEA\nTOWEL"), {0: "unbalanced_quote", 1: "unbalanced_quote"})),
        marks=pytest.mark.fault(5, how="a product's name over two lines"),
    ),
    pytest.param(
        plugin_object("_sound.jsonl.gz", SOUND, dict.fromkeys(range(1, 51), GOOD)),
        marks=pytest.mark.fault(6, how="a sound object called _x"),
    ),
    pytest.param(
        retail_object(".sound.csv.gz", SOUND_ROWS, dict.fromkeys(range(2, 52), GOOD)),
        marks=pytest.mark.fault(6, how="a sound object called .x"),
    ),
    pytest.param(
        plugin_object("cut.jsonl.gz", half(SOUND), {0: "unreadable_object"}),
        marks=pytest.mark.fault(7, how="half of a gzip file"),
    ),
    pytest.param(
        retail_object("cut.csv.gz", half(SOUND_ROWS), {0: "unreadable_object"}),
        marks=pytest.mark.fault(7, how="half of a gzip file"),
    ),
    pytest.param(
        between(
            "encoding",
            (with_note("a", GBK.encode("gbk")), "invalid_utf8"),
            (with_note("b", b'"\xc3("'), "invalid_utf8"),
        ),
        marks=pytest.mark.fault(8, how="GBK and broken UTF-8 in an event"),
    ),
    pytest.param(
        rows_between("33", (row(name="x").replace(b"x", "青花".encode("gbk")), {0: "invalid_utf8"})),
        marks=pytest.mark.fault(8, how="a row in GBK"),
    ),
    pytest.param(
        between(
            "characters",
            (with_note("a", b'"\x00"'), "nul_character"),
            (with_note("b", rb'"\u0000"'), "nul_character"),
            (BOM + as_line(event("c")), "invalid_json"),
            (as_line(event("characters-d", subject="a\u2028b")), GOOD),
            (as_line(event("e")) + b"\r" + as_line(event("f")), "trailing_data"),
        ),
        marks=pytest.mark.fault(9, how="NUL, BOM inside, U+2028 in a text, CR between two events"),
    ),
    pytest.param(
        plugin_object("begins.jsonl", BOM + as_line(event("begins")) + b"\r\n", {1: GOOD}),
        marks=pytest.mark.fault(9, how="a byte order mark before the first event"),
    ),
    pytest.param(
        rows_between(
            "34",
            (row(name="a\x00b"), {0: "nul_byte"}),
            (row(invoice="1\u2028"), {0: GOOD}),
            (row(invoice="2") + b"\r" + row(invoice="3"), {0: "bare_carriage_return"}),
        ),
        marks=pytest.mark.fault(9, how="NUL, U+2028 and CR alone in rows"),
    ),
    pytest.param(
        between(
            "numbers",
            (as_line(order("a", quantity=10**20)), "invalid_quantity"),
            (as_line(order("b", quantity=2.7)), "wrong_type"),
            (as_line(order("c", quantity="3")), "wrong_type"),
        ),
        marks=pytest.mark.fault(10, how='10^20, 2.7 and "3" pieces'),
    ),
    pytest.param(
        rows_between(
            "35",
            (row(quantity=10**20), {0: "invalid_quantity"}),
            (row(quantity="2.7"), {0: "invalid_quantity"}),
            (row(quantity=10**17, price="99999999999999"), {0: "invalid_amount"}),
        ),
        marks=pytest.mark.fault(10, how="10^20 and 2.7 pieces, an amount beyond its type"),
    ),
    pytest.param(
        between(
            "times",
            (as_line(event("a", time="2026-02-30T10:00:00+08:00")), "invalid_time"),
            (as_line(event("b", time="9999-12-31T10:00:00+08:00")), "too_far_in_future"),
            (as_line(event("c", time="1969-12-31T10:00:00+08:00")), "before_first_day"),
        ),
        marks=pytest.mark.fault(11, how="30 February, the year 9999, 1969 in events"),
    ),
    pytest.param(
        rows_between(
            "36",
            (row(at="2026-02-30 10:00:00"), {0: "invalid_time"}),
            (row(at="2025-03-30 01:30:00"), {0: "invalid_time"}),
            (row(invoice="4", at="2025-10-26 01:30:00"), {0: GOOD}),
            (row(at="9999-12-31 10:00:00"), {0: "too_far_in_future"}),
            (row(at="1969-12-31 10:00:00"), {0: "before_first_day"}),
        ),
        marks=pytest.mark.fault(
            11, how="the hour that summer time leaves out, the one it repeats, other times in rows"
        ),
    ),
    pytest.param(
        between("deep", (deep("a"), "too_deep")),
        marks=pytest.mark.fault(12, how="an event 1,500 lists deep"),
        id="deep",
    ),
    pytest.param(
        between("long", (long("a"), "too_long")), marks=pytest.mark.fault(12, how="a line of 100 MB"), id="long"
    ),
    pytest.param(
        between(
            "values",
            (b"42", "not_an_object"),
            (b"null", "not_an_object"),
            (b"[" + as_line(event("a")) + b"]", "not_an_object"),
        ),
        marks=pytest.mark.fault(14, how="42, null and a list where events should be"),
    ),
    pytest.param(
        between(
            "keys",
            (as_line(event("keys-a", campaign="spring")), GOOD),
            (as_line(event("b", id=None)), "missing_id"),
            (as_line(event("c", time=None, at="2026-03-02T10:00:00Z")), "invalid_time"),
            (as_line(event("d", type=7)), "wrong_type"),
        ),
        marks=pytest.mark.fault(15, how="keys added, removed, renamed, retyped from one event to the next"),
    ),
    pytest.param(
        retail_object("grown.csv", written((*order_line(invoice="800001"), "spring"), header=GROWN), {2: GOOD}),
        marks=pytest.mark.fault(15, how="a column added"),
    ),
    pytest.param(
        retail_object("shrunk.csv", written(order_line(invoice="800002")[:-1], header=SHRUNK), {2: "missing_column"}),
        marks=pytest.mark.fault(15, how="a column removed"),
    ),
    pytest.param(
        retail_object("renamed.csv", written(order_line(invoice="800003"), header=RENAMED), {2: "missing_column"}),
        marks=pytest.mark.fault(15, how="a column renamed"),
    ),
    pytest.param(
        retail_object(
            "changed.csv",
            written(order_line(invoice="800004"), GROWN, (*order_line(invoice="800005"), "spring")),
            {2: GOOD, 3: "wrong_field_count", 4: "wrong_field_count"},
        ),
        marks=pytest.mark.fault(15, how="another header in the middle of a file"),
    ),
    pytest.param(
        retail_object(
            "skewed.csv",
            written(*[order_line(invoice=f"9{n:05d}", product="1001" if n % 10 else "1002") for n in range(2000)]),
            dict.fromkeys(range(2, 2002), GOOD),
        ),
        marks=pytest.mark.fault(20, how="nine rows in ten of 2,000 are of one product, which one seller has"),
        id="skewed",
    ),
]
EMPTY = [
    pytest.param(PLUGIN, "empty.jsonl", b"", marks=pytest.mark.fault(13, how="an object of no bytes")),
    pytest.param(PLUGIN, "blank.jsonl", b"\n\r\n\n", marks=pytest.mark.fault(13, how="blank lines alone")),
    pytest.param(RETAIL, "header.csv", written(), marks=pytest.mark.fault(13, how="a header alone")),
]


@dataclass
class Home:
    """A home that took in all objects by one run, and the rows of its raw tables by object."""

    app: App
    raw: dict[str, list[dict[str, object]]]


@pytest.fixture(scope="module")
def home(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("broken")
    app = open_home(folder, spark)
    for broken in [parameter.values[0] for parameter in BAD]:
        assert isinstance(broken, Broken)
        land(app, folder, broken.source, broken.name, broken.stored)
    for source, name, stored in [parameter.values for parameter in EMPTY]:
        land(app, folder, str(source), str(name), bytes(stored))  # type: ignore[arg-type]
    results = app.run([*EVENTS, BALANCE])
    assert {result.outcome for result in results} <= {Outcome.PUBLISHED, Outcome.UNCHANGED}, results
    raw: dict[str, list[dict[str, object]]] = {}
    for source in (PLUGIN, RETAIL):
        for found in app.lake.table(f"raw.{source}").scan().to_arrow().to_pylist():
            raw.setdefault(found["object_name"], []).append(found)
    return Home(app, raw)


def land(app: App, folder: Path, source: str, name: str, stored: bytes) -> None:
    (folder / name).write_bytes(stored)
    app.land(source, folder / name)


@pytest.mark.parametrize("broken", BAD)
def test_each_record_of_a_broken_object_is_good_or_quarantined_for_its_reason(home: Home, broken: Broken) -> None:
    found = {row["position"]: row["reason"] or GOOD for row in home.raw[broken.name]}

    assert found == broken.told
    balance = balance_of(home.app, broken.source)[broken.name]
    good = sum(said == GOOD for said in broken.told.values())
    assert (balance["received"], balance["good"], balance["quarantined"], balance["balanced"]) == (
        len(broken.told),
        good,
        len(broken.told) - good,
        True,
    )


@pytest.mark.fault(8, how="GBK, broken UTF-8")
@pytest.mark.parametrize("broken", BAD)
def test_the_bytes_of_a_quarantined_record_are_those_that_were_delivered(home: Home, broken: Broken) -> None:
    content = gzip.decompress(broken.stored) if 0 not in broken.told and broken.name.endswith("gz") else broken.stored
    kept = [row["original"] for row in home.raw[broken.name] if row["reason"]]

    assert len(kept) == sum(said != GOOD for said in broken.told.values())
    assert all(isinstance(original, bytes) and original in content for original in kept)


@pytest.mark.parametrize("source", [PLUGIN, RETAIL])
@pytest.mark.fault(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 20, how="all broken objects at once")
def test_the_balance_closes_and_events_are_those_of_the_ledger(home: Home, source: str) -> None:
    objects = [parameter.values[0] for parameter in BAD]
    ledger = {p: f for b in objects if isinstance(b, Broken) and b.source == source for p, f in b.ledger.items()}
    empty = [str(name) for of, name, _ in (parameter.values for parameter in EMPTY) if of == source]

    check_balance(home.app, source, ledger, empty)
    check_events(home.app, source, ledger)


@pytest.mark.parametrize(("source", "name", "stored"), EMPTY)
def test_an_object_without_a_record_is_reported_by_a_gate(home: Home, source: str, name: str, stored: bytes) -> None:
    (verdict,) = home.app.verdicts.of(OBJECTS)
    (check,) = [check for check in verdict.checks if check.name == "no object is empty"]

    assert balance_of(home.app, source)[name]["received"] == 0
    assert not check.passed
    assert str(len(EMPTY)) in check.observed
