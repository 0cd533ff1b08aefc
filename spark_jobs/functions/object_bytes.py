"""The bytes of a delivered object: read from storage, gzip undone."""

import zlib
from pathlib import Path

GZIP_MAGIC = b"\x1f\x8b"
MAX_OBJECT_BYTES = 1 << 30  # decompressed: keeps 32-bit offsets valid and stops a gzip bomb before memory does
MAX_MEMBERS = 1 << 18  # of one object: a member without content takes 20 bytes, and none of what may be decompressed
PIECE_BYTES = 1 << 14  # given to a member at once, as what it leaves is copied


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
    """Return the content of all gzip members of an object; None if one is cut short, or there is too much of either."""
    parts: list[bytes] = []
    member = None
    members, room = 0, MAX_OBJECT_BYTES
    for start in range(0, len(stored), PIECE_BYTES):
        piece = stored[start : start + PIECE_BYTES]
        while piece:
            if member is None:
                piece = piece.lstrip(b"\x00") if members else piece  # writers may pad with zeros
                if not piece:
                    break
                member, members = zlib.decompressobj(wbits=31), members + 1
            part = member.decompress(piece, room + 1)
            room -= len(part)
            if room < 0 or members > MAX_MEMBERS:
                return None
            if part:
                parts.append(part)
            piece = member.unused_data
            if member.eof:
                member = None
    if member is not None:
        return None
    return parts[0] if len(parts) == 1 else b"".join(parts)
