"""What a sender wrote is shown as text: nothing of it moves a cursor, changes a colour or hides what follows."""

import pytest

from infra.app.escaped import escaped, escaped_bytes


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"tea \xe8\x8c\xb6", "tea \u8336"),
        (b"\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        (b"a\r\nb\tc\x00\x07\x7f", r"a\r\nb\tc\x00\x07\x7f"),
        (b"\xff\xfe", r"\xff\xfe"),
        ("\x9b31m".encode(), r"\u009b31m"),
        ("\u202egnp.exe\u200b".encode(), r"\u202egnp.exe\u200b"),
        ("\U000e0041".encode(), r"\U000e0041"),
        (rb"\x1b", r"\\x1b"),
    ],
    ids=["text", "colour", "control", "no UTF-8", "eight-bit control", "direction and width", "tag", "written escape"],
)
def test_bytes_are_shown_as_text_that_tells_escapes_from_what_was_written_so(data: bytes, shown: str) -> None:
    assert escaped_bytes(data, 100) == shown


def test_every_byte_there_is_comes_out_as_printable_text() -> None:
    assert escaped_bytes(bytes(range(256)), 256).isprintable()


def test_what_is_cut_says_how_long_it_is() -> None:
    assert escaped_bytes(b"x" * 1234, 5) == "xxxxx... (1,234 bytes)"
    assert escaped_bytes(b"x" * 5, 5) == "xxxxx"


def test_a_character_that_is_cut_in_the_middle_is_shown_as_its_first_bytes() -> None:
    assert escaped_bytes("\u8336".encode(), 2) == r"\xe8\x8c... (3 bytes)"


def test_a_name_of_a_file_that_is_no_utf_8_is_shown_by_its_bytes() -> None:
    assert escaped("a\udcff.csv") == r"a\xff.csv"


def test_words_of_ours_keep_what_is_escaped_in_them_and_their_lines() -> None:
    assert escaped("a\\x1b\u202e\nb", kept="\n\\") == "a\\x1b\\u202e\nb"
