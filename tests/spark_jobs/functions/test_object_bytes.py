"""Gzip undone by the reader and by the independent count: what one takes the other takes, and the work is bounded."""

import gzip
import zlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from spark_jobs.functions import count_records, object_bytes
from spark_jobs.functions.count_records import undo_gzip
from spark_jobs.functions.object_bytes import unpack

EMPTY = gzip.compress(b"", mtime=0)
LINE = gzip.compress(b'{"id":"1"}\n', mtime=0)
NESTED = gzip.compress(gzip.compress(b"inner", mtime=0), mtime=0)
WITH_NAME = b"\x1f\x8b\x08\x08" + LINE[4:10] + b"a/../b\x00" + LINE[10:]
UNKNOWN_FLAG = LINE[:3] + b"\xe0" + LINE[4:]
WRONG_HEADER_SUM = b"\x1f\x8b\x08\x02" + LINE[4:10] + b"\x00\x00" + LINE[10:]
WRONG_SUM = LINE[:-8] + bytes(4) + LINE[-4:]
PIECES = (EMPTY, LINE, NESTED, WITH_NAME, b"\x00", b"\x1f\x8b")
BROKEN = (UNKNOWN_FLAG, WRONG_HEADER_SUM, WRONG_SUM, LINE[:-1], LINE[:5], b"garbage")


def both(stored: bytes) -> tuple[bytes | None, bytes | None]:
    return unpack(stored), undo_gzip(stored)


@pytest.mark.parametrize(
    ("stored", "content"),
    [
        (LINE + LINE, b'{"id":"1"}\n' * 2),
        (EMPTY + LINE + EMPTY, b'{"id":"1"}\n'),
        (LINE + bytes(100_000) + LINE + b"\x00", b'{"id":"1"}\n' * 2),
        (NESTED, gzip.compress(b"inner", mtime=0)),
        (WITH_NAME, b'{"id":"1"}\n'),
    ],
)
def test_members_are_read_one_behind_the_other_and_one_layer_deep(stored: bytes, content: bytes) -> None:
    assert both(stored) == (content, content)


@pytest.mark.parametrize("broken", BROKEN)
def test_a_member_that_is_not_sound_spoils_the_object(broken: bytes) -> None:
    assert both(LINE + broken) == (None, None)


@settings(max_examples=300, deadline=None)
@example(pieces=[b"\x1f\x8b", b"\x00"], cut=0)
@given(pieces=st.lists(st.sampled_from(PIECES + BROKEN) | st.binary(max_size=8), max_size=6), cut=st.integers(0, 40))
def test_reader_and_count_undo_the_same_or_neither_does(pieces: list[bytes], cut: int) -> None:
    whole = b"".join(pieces)
    read, counted = both(whole[: len(whole) - cut])

    assert read == counted


@pytest.mark.fault(12, how="very many gzip members without content", part=True)
def test_a_stream_of_members_without_content_comes_to_an_end() -> None:
    most = object_bytes.MAX_MEMBERS

    assert most == count_records.MOST_MEMBERS
    assert both(EMPTY * most) == (b"", b"")
    assert both(EMPTY * (most + 1)) == (None, None)


@pytest.mark.parametrize("members", [1, 50], ids=["one member", "many members"])
def test_what_unpacks_to_more_than_an_object_may_have_is_given_up_at_that_point(
    members: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_bytes, "MAX_OBJECT_BYTES", 1_000_000)
    monkeypatch.setattr(count_records, "LARGEST_OBJECT_BYTES", 1_000_000)
    fits = zlib.compress(bytes(1_000_000 // members), wbits=31) * members

    assert [len(content or b"") for content in both(fits)] == [1_000_000, 1_000_000]
    assert both(fits + gzip.compress(b"x")) == (None, None)
