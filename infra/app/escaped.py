"""Text and bytes that somebody else wrote, in a form that no terminal takes for a command."""

from typing import Final

NO_UTF8: Final = range(0xDC80, 0xDD00)
"""What `surrogateescape` makes of bytes that are no UTF-8."""


def escaped(text: str, kept: str = "") -> str:
    """A text in which everything that is not printed as itself is written as an escape, and a backslash twice.

    Control characters are, and what turns the direction of writing or has no width. Letters of `kept` stay as they
    are: the backslashes of words of ours, in which something may be escaped already, or the ends of their lines.
    """
    return "".join(letter if letter in kept else _escaped(letter) for letter in text)


def escaped_bytes(data: bytes, most: int) -> str:
    """The first bytes of some data in the same form, with how many there are where that is not all."""
    text = escaped(data[:most].decode("utf-8", "surrogateescape"))
    return text if len(data) <= most else f"{text}... ({len(data):,} bytes)"


def _escaped(letter: str) -> str:
    code = ord(letter)
    if code in NO_UTF8:
        return f"\\x{code - 0xDC00:02x}"
    if letter == "\\" or (code < 0x80 and not letter.isprintable()):
        return letter.encode("unicode_escape").decode("ascii")
    if letter.isprintable():
        return letter
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
