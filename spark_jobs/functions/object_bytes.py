"""The bytes of a delivered object: read from storage, gzip undone."""

import zlib
from pathlib import Path

GZIP_MAGIC = b"\x1f\x8b"
MAX_OBJECT_BYTES = 1 << 30  # decompressed: keeps 32-bit offsets valid and stops a gzip bomb before memory does


def read_object(path: str) -> bytes:
    """Return the stored bytes of the object at a local path or fsspec URL; storage errors are raised, never hidden."""
    if "://" not in path:
        return Path(path).read_bytes()
    import fsspec  # slow to import, and only remote objects need it

    with fsspec.open(path, "rb") as remote:
        content: bytes = remote.read()
    return content


def unpack(stored: bytes) -> bytes | None:
    """Return the content of an object, gzip undone where its first bytes say so; None if it is damaged or too large."""
    if not stored.startswith(GZIP_MAGIC):
        return stored if len(stored) <= MAX_OBJECT_BYTES else None
    try:
        return _gunzip(stored)
    except zlib.error:
        return None


def _gunzip(stored: bytes) -> bytes | None:
    """Return the content of all gzip members of an object; None if one is cut short or the whole is too large."""
    members: list[bytes] = []
    room = MAX_OBJECT_BYTES
    while stored:
        member = zlib.decompressobj(wbits=31)
        members.append(member.decompress(stored, room + 1))
        room -= len(members[-1])
        if room < 0 or not member.eof:
            return None
        stored = member.unused_data.lstrip(b"\x00")  # writers may pad with zeros
    return members[0] if len(members) == 1 else b"".join(members)
