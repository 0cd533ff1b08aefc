"""What a line of JSON holds beside the declared fields: keys that nobody declared, and keys of null."""

import msgspec

from spark_jobs.functions.json_fields import WRONG_CASE_KEY, Extra, Level, as_step
from spark_jobs.functions.json_line import LineError, LineParser, as_json, is_too_deep

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
NULL = b"null"


class Remainder:
    r"""Goes through the keys of lines that are plain but for what it finds.

    On these a parser has found the declared fields, each null or of its type; and nothing on them is written as `\"`,
    or as an escape of NUL or of half a surrogate pair.
    """

    def __init__(self, declared: Level) -> None:
        self._declared = declared
        self._parser = LineParser()
        self._split = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode

    def of(self, line: bytes, quotes: int) -> Extra | None:
        """Return the keys that are not declared; None where they and keys of null have not exactly so many quotes.

        Then a key stands twice, is declared in another case or has another type, or its value may be doubted.
        """
        extra: Extra = []
        try:
            told = self._told(line, self._declared, "", extra)
        except (*UNREADABLE, LineError):
            return None
        return extra if told == quotes and not is_too_deep(line) else None

    def _told(self, written: bytes, level: Level, path: str, extra: Extra) -> int:
        """Collect what is in one object; returns how many quotes belong to it."""
        quotes = 0
        for key, value in self._split(written).items():
            declared, text = level.keys.get(key), bytes(value)
            if text == NULL and declared is not None:
                quotes += 2
            elif isinstance(declared, Level):
                quotes += self._told(text, declared, f"{path}{key}.", extra)
            elif declared is None:
                if key.casefold() in level.folded:
                    raise LineError(WRONG_CASE_KEY)
                extra.append((path + as_step(key), as_json(self._parser.value(text))))
                quotes += 2 + text.count(b'"')
        return quotes
