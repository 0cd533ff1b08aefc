"""Keeps what an engine quotes out of what is recorded: its words about data name values, about code they do not."""

import re
from typing import Final

ABOUT_CODE: Final = frozenset({"Binder", "Catalog", "Compilation", "Dependency", "IO", "Parser"})
KIND: Final = re.compile(r"\b((?:[A-Z]\w+ )+)Error: ")


def without_quotes(text: str) -> str:
    """A message up to the first error of an engine that may quote a value of the data."""
    for found in KIND.finditer(text):
        if found.group(1).split()[-1] not in ABOUT_CODE:
            return f"{text[: found.end() - 2]} (its words may quote data and are in the log only)"
    return text
