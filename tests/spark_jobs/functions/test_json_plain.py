import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_jobs.functions.json_fields import DeclaredFields, Extra
from spark_jobs.functions.json_line import LONGEST_LINE_BYTES, LineError, LineParser
from spark_jobs.functions.json_plain import PlainReader
from spark_jobs.functions.wire_column import WireColumn

COLUMNS = (
    WireColumn("id", "id"),
    WireColumn("pieces", "data.pieces", "integer"),
    WireColumn("weight", "data.weight", "number"),
    WireColumn("is_gift", "data.is_gift", "boolean"),
    WireColumn("deep", "a.b.Straße"),
)
READER, PARSER, DECLARED = PlainReader(COLUMNS), LineParser(), DeclaredFields(COLUMNS)
Texts = list[str | None]
Read = tuple[Texts, Extra]


def texts(**found: str) -> Texts:
    """The text of each column."""
    return [found.get(column.name) for column in COLUMNS]


NOTHING = texts()


def plain(lines: list[bytes]) -> list[Read | None]:
    """The texts of each line, and what it holds beside them; None where it is not plain."""
    fields, is_plain, extra = READER.read(lines, pa.array(lines, pa.binary()))
    rows = zip(*(column.to_pylist() for column in fields), strict=True)
    return [(list(row), extra.get(place, [])) if is_plain[place] else None for place, row in enumerate(rows)]


def strictly(line: bytes) -> Read | None:
    """The same of a sound line that is judged by itself."""
    try:
        taken = DECLARED.take(PARSER.parse(line))
    except LineError:
        return None
    return taken.fields, taken.extra


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"{}", NOTHING),
        (b'{"id":"1"}', texts(id="1")),
        (
            b' {"data" : {"weight":2.50 , "pieces":-0,"is_gift":false},"id":""} ',
            texts(id="", pieces="-0", weight="2.50", is_gift="false"),
        ),
        ('{"id":"\u9752\\u9752\\n:,"}'.encode(), texts(id="\u9752\u9752\n:,")),
        (b'{"id":"' + b"1" * (LONGEST_LINE_BYTES - 9) + b'"}', texts(id="1" * (LONGEST_LINE_BYTES - 9))),
        (b'{"data":{"weight":1.10E+2}}', texts(weight="1.10E+2")),
        (b'{"id":null}', NOTHING),
        ('{"a":{"b":{"Straße":"1"}}}'.encode(), texts(deep="1")),
        (b'{"a":{"b":null}}', NOTHING),
        (b'{"id":"1","data":null}', texts(id="1")),
        (b'{"data":{"pieces":null,"weight":null,"is_gift":null}}', NOTHING),
    ],
)
def test_a_line_of_declared_fields_is_plain(line: bytes, found: Texts) -> None:
    assert plain([line]) == [(found, [])]
    assert strictly(line) == (found, [])


@pytest.mark.parametrize(
    ("line", "extra"),
    [
        (b'{"x":1}', [("x", "1")]),
        (b'{"x":null}', [("x", "null")]),
        (b'{"a":{"b":{"x":1},"x":2},"x":3}', [("a.b.x", "1"), ("a.x", "2"), ("x", "3")]),
        (b'{"data":{"x":-1.50E2,"pieces":null}, "y" : "" }', [("data.x", "-1.50E2"), ("y", '""')]),
        (b'{"x":[ {"id":"1"}, true ]}', [("x", '[{"id":"1"},true]')]),
        ('{"a.b":"1","\u9752":"\u9752"}'.encode(), [('"a.b"', '"1"'), ("\u9752", '"\u9752"')]),
        (b'{"x":"a\\u0022b"}', [("x", r'"a\"b"')]),
        (b'{"a\\u0022b":1}', [(r'"a\"b"', "1")]),
        (b'{"x":12345678901234567890}', [("x", "12345678901234567890")]),
    ],
)
def test_keys_that_nobody_declared_stand_beside_and_leave_a_line_plain(line: bytes, extra: Extra) -> None:
    assert plain([b"{}", line, b"{}"]) == [(NOTHING, []), (NOTHING, extra), (NOTHING, [])]
    assert strictly(line) == (NOTHING, extra)


@pytest.mark.parametrize(
    "line",
    [
        b"[]",
        b"3",
        b'{"id":"1","id":"1"}',
        b'{"id":"1","\\u0069d":"1"}',
        b'{"data":{"pieces":1,"pieces":2}}',
        b'{"data":{},"data":{}}',
        b'{"data":{"is_gift":true},"data":{"is_gift":true}}',
        b'{"id":null,"id":"1"}',
        b'{"id":"1","id":"\\""}',
        b'{"data":{"pieces":2.0}}',
        b'{"data":{"pieces":1234567890123456789}}',
        b'{"data":{"weight":"1"}}',
        b'{"data":{"weight":[1]}}',
        b'{"id":"\\u0000"}',
        b'{"id":"\\ud83d\\ude00"}',
        b'{"id":"\xff"}',
        b'{"id":"1"}{}',
        b'{"x":1,"x":1}',
        b'{"x":{"y":1,"y":1}}',
        b'{"x":"\\q"}',
        b'{"x":"\xff"}',
        b'{"\xff":1}',
        b'{"x":NaN}',
        b'{"x":"\x01"}',
        b'{"\x01":1}',
        b'{"x":' + b"[" * 64 + b"]" * 64 + b"}",
        b'{"data":{"x":' + b"[" * 63 + b"]" * 63 + b"}}",
        b'{"data":null,"data":{"pieces":1}}',
        b'{"data":{"x":1},"data":{}}',
        b'{"ID":"1"}',
        b'{"data":{"Pieces":1}}',
        b'{"Data":null}',
        b'{"a":{"b":{"STRASSE":"1"}}}',
        b'{"id":"' + b"1" * LONGEST_LINE_BYTES + b'"}',
        b'{"x":"' + b"1" * LONGEST_LINE_BYTES + b'"}',
    ],
)
def test_what_may_be_doubted_is_not_plain_and_spares_its_neighbours(line: bytes) -> None:
    first, middle, last = plain([b'{"id":"1"}', line, b'{"id":"2"}'])

    assert middle is None
    assert first == (texts(id="1"), [])
    assert last == (texts(id="2"), [])


MEMBERS = st.sampled_from(
    [
        b'"id":"1"',
        b'"id":"a:\\nb"',
        b'"id":"\\""',
        b'"id":"\\u0000"',
        b'"id":null',
        b'"id":1',
        b'"\\u0069d":"1"',
        b'"ID":"1"',
        b'"x":{"id":"1"}',
        b'"x":{"id":"1","id":2}',
        b'"x":"a:\\n\\"b"',
        b'"x":[1.50,null,{"y":[]}]',
        b'"y":-0',
        b'"a":{"b":{"x":1}}',
        b'"a":{"b":null,"x":"1"}',
        '"a":{"b":{"Straße":"1","y":null}}'.encode(),
        b'"a":{"b":{"strasse":"1"}}',
        b'"data":{"x":true,"weight":null}',
        b'"data":{}',
        b'"data":null',
        b'"data":{"pieces":3}',
        b'"data":{"pieces":3.0,"weight":1}',
        b'"data":{"weight":-0.5e3,"is_gift":true}',
        b'"data":{"weight":01}',
        b'"data":{"is_gift":true,"is_gift":false}',
        b'"data":{"pieces":null,"pieces":2}',
    ]
)
LINES = st.lists(MEMBERS, max_size=4).map(lambda members: b"{" + b",".join(members) + b"}")
NOISE = st.sampled_from([b"", b" ", b'"', b"\\", b",", b"{", b"}", b"\x00", b"\xff", b":", b"null", b"1", b"\r"])


@settings(max_examples=1500, deadline=None, derandomize=True)
@given(LINES, st.integers(0, 60), st.integers(0, 3), NOISE)
def test_a_plain_line_is_what_it_is_when_it_is_judged_strictly(line: bytes, at: int, cut: int, noise: bytes) -> None:
    broken = line[:at] + noise + line[at + cut :]

    for one, read in zip((line, broken), plain([line, broken]), strict=True):
        assert read is None or read == strictly(one)
