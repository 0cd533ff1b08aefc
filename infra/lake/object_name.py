"""What a landed object may be called."""

import os
import unicodedata
from pathlib import Path

from infra.lake.errors import GuanxiError
from infra.lake.receipt import RECEIPT_SUFFIX

NO_NAME = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Categories of Unicode: control characters, halves of what is no UTF-8, ends of lines and paragraphs."""


class LandingError(GuanxiError):
    """An object cannot be landed as asked."""


def checked_name(file: Path) -> str:
    """The name to land a file under; raises LandingError for one that the store cannot keep, or people cannot read.

    The error has the name as it is: whoever shows it escapes it.
    """
    if any(unicodedata.category(letter) in NO_NAME for letter in file.name):
        raise LandingError(f"{file.name}: the name has control characters or is no UTF-8. Rename the file.")
    if file.name.endswith(RECEIPT_SUFFIX):
        raise LandingError(
            f"{file.name}: names ending in {RECEIPT_SUFFIX} are the store's own receipts. Rename the file."
        )
    if len(os.fsencode(file.name)) > 255 - len(RECEIPT_SUFFIX) - 34:
        raise LandingError(f"{file.name}: the name is too long to be stored with its receipt. Shorten it.")
    return file.name
