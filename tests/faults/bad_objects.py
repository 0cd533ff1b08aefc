"""Bad objects of both forms of file, with what should become of each record in them and the fault that they inject."""

import gzip

import pytest

from tests.faults.broken_objects import (
    GOOD,
    PLUGIN,
    RETAIL,
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
from tests.support.home import order_line
from tests.support.retail_sample import COLUMNS

SOUND = gzip.compress(b"\n".join(as_line(event(f"sound-{n}")) for n in range(50)), mtime=0)
SOUND_ROWS = gzip.compress(written(*[order_line(invoice=f"7{n:05d}") for n in range(50)]), mtime=0)
GBK = '"' + "青花茶杯" + '"'
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
