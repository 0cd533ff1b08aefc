"""An independent count of the records of a delivered object, to hold against what was read from it."""

import io
import re
import zlib
from collections.abc import Iterator

LARGEST_OBJECT_BYTES = 1024**3
MOST_MEMBERS = 2**18  # of gzip in an object; what is read of one without content counts for nothing
LARGEST_PAGE_BYTES = 16 << 20  # a page is taken apart in memory, at some fifty times its size where it is all commas
QUOTED = re.compile(rb'"[^"]*"')


def count_records(data: bytes, *, has_header: bool, quoted_newlines: bool = False) -> int:
    """Count the records of an object, gzip or plain, its header not among them; an unreadable object counts as one.

    A record is a line that is not blank; where `quoted_newlines`, a line feed inside quotes does not end it.
    """
    content = undo_gzip(data)
    if content is None:
        return 1
    records = _records(content.removeprefix("\ufeff".encode()), quoted_newlines)
    if not has_header:
        return sum(1 for _ in records)
    header = next(records, None)
    if header is None:
        return 0
    return sum(1 for _ in records) if _is_sound(header) else 1


def is_readable(data: bytes, *, has_header: bool) -> bool:
    """Tell whether an object decompresses whole and, where it has a header, that is text or all is blank."""
    content = undo_gzip(data)
    if content is None or not has_header:
        return content is not None
    header = next(_records(content.removeprefix("\ufeff".encode()), False), None)
    return header is None or _is_sound(header)


def undo_gzip(data: bytes) -> bytes | None:
    """Return the content of an object, gzip undone; None if it is damaged or larger than the pipeline reads."""
    if data[:2] != b"\x1f\x8b":
        return data if len(data) <= LARGEST_OBJECT_BYTES else None
    content, stream = io.BytesIO(), io.BytesIO(data)
    for _ in range(MOST_MEMBERS):
        if not _undo_member(stream, content):
            return None
        _skip_zeros(stream)
        if stream.tell() == len(data):
            return content.getvalue()
    return None


def _undo_member(stream: io.BytesIO, content: io.BytesIO) -> bool:
    """Append what the next gzip member of a stream holds, and leave the stream behind it; False if it is damaged."""
    member = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    while not member.eof:
        stored = stream.read(io.DEFAULT_BUFFER_SIZE)
        try:
            content.write(member.decompress(stored, LARGEST_OBJECT_BYTES + 1 - content.tell()))
        except zlib.error:
            return False
        if not stored or content.tell() > LARGEST_OBJECT_BYTES:
            return False
    stream.seek(-len(member.unused_data), io.SEEK_CUR)
    return True


def _skip_zeros(stream: io.BytesIO) -> None:
    while zeros := stream.read(io.DEFAULT_BUFFER_SIZE):
        rest = zeros.lstrip(b"\0")
        if rest:
            stream.seek(-len(rest), io.SEEK_CUR)
            return


def _records(content: bytes, quoted_newlines: bool) -> Iterator[bytes]:
    """Yield what stands between line ends, blank lines left out."""
    lines: list[bytes] = []
    inside_quotes = False
    for line in io.BytesIO(content):
        lines.append(line)
        inside_quotes ^= quoted_newlines and line.count(b'"') % 2 == 1
        if not inside_quotes:
            yield from _unless_blank(lines)
            lines.clear()
    yield from _unless_blank(lines)


def _unless_blank(lines: list[bytes]) -> Iterator[bytes]:
    record = b"".join(lines).removesuffix(b"\n").removesuffix(b"\r")
    if record:
        yield record


def _is_sound(header: bytes) -> bool:
    """Tell whether a header is text: UTF-8 without NUL, its quotes in pairs, no carriage return outside of them."""
    try:
        header.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not (b"\x00" in header or header.count(b'"') % 2 or b"\r" in QUOTED.sub(b"", header))
