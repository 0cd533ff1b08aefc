import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_jobs.functions.json_fields import DeclaredFields
from spark_jobs.functions.json_line import LineError, LineParser
from spark_jobs.functions.json_plain import PlainReader
from spark_jobs.functions.wire_column import WireColumn

COLUMNS = (
    WireColumn("id", "id"),
    WireColumn("pieces", "data.pieces", "integer"),
    WireColumn("weight", "data.weight", "number"),
    WireColumn("is_gift", "data.is_gift", "boolean"),
)
READER, PARSER, DECLARED = PlainReader(COLUMNS), LineParser(), DeclaredFields(COLUMNS)
Texts = list[str | None]


def plain(lines: list[bytes]) -> list[Texts | None]:
    """The texts of each line, None where it is not plain."""
    fields, is_plain = READER.read(lines, pa.array(lines, pa.binary()))
    rows = zip(*(column.to_pylist() for column in fields), strict=True)
    return [list(row) if one else None for row, one in zip(rows, is_plain.tolist(), strict=True)]


def strictly(line: bytes) -> Texts | None:
    """The texts of a line that is sound and has no key but the declared ones, judged by itself."""
    try:
        taken = DECLARED.take(PARSER.parse(line))
    except LineError:
        return None
    return None if taken.extra else taken.fields


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        (b"{}", [None, None, None, None]),
        (b'{"id":"1"}', ["1", None, None, None]),
        (b' {"data" : {"weight":2.50 , "pieces":-0,"is_gift":false},"id":""} ', ["", "-0", "2.50", "false"]),
        ('{"id":"\u9752\\u9752\\n:,"}'.encode(), ["\u9752\u9752\n:,", None, None, None]),
        (b'{"data":{"weight":1.10E+2}}', [None, None, "1.10E+2", None]),
    ],
)
def test_a_line_of_declared_fields_is_plain(line: bytes, texts: Texts) -> None:
    assert plain([line]) == [texts]
    assert strictly(line) == texts


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
        b'{"x":1}',
        b'{"ID":"1"}',
    ],
)
def test_what_may_be_doubted_is_not_plain_and_spares_its_neighbours(line: bytes) -> None:
    assert plain([b'{"id":"1"}', line, b'{"id":"2"}']) == [["1", None, None, None], None, ["2", None, None, None]]


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

    for one, texts in zip((line, broken), plain([line, broken]), strict=True):
        assert texts is None or texts == strictly(one)
