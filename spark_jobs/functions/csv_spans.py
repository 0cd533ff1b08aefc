"""Where the records of a delimited text start and end, and which of them break the format (RFC 4180).

Works on bytes with numpy, so that a record can be judged, quoted back and located before anything decodes it:

    bytes ─▶ split_records ─▶ Spans (start, end, physical line) ─▶ find_problems ─▶ one code per record
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
Codes = NDArray[np.int8]

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
NUL, LINE_FEED, CARRIAGE_RETURN, QUOTE = 0x00, 0x0A, 0x0D, 0x22

NUL_BYTE = "nul_byte"
INVALID_UTF8 = "invalid_utf8"
UNBALANCED_QUOTE = "unbalanced_quote"
MISPLACED_QUOTE = "misplaced_quote"
BARE_CARRIAGE_RETURN = "bare_carriage_return"
WRONG_FIELD_COUNT = "wrong_field_count"
# Code 0 is a sound record; of several problems a record has the one named first.
PROBLEMS = (
    None,
    NUL_BYTE,
    INVALID_UTF8,
    UNBALANCED_QUOTE,
    BARE_CARRIAGE_RETURN,
    MISPLACED_QUOTE,
    WRONG_FIELD_COUNT,
)


@dataclass(frozen=True)
class Spans:
    """The records of `data` in file order, blank lines left out: data[starts[i]:ends[i]] without its line end.

    `lines` are 1-based physical line numbers of the starts; `quotes` the places of all quote bytes in `data`.
    """

    data: bytes
    starts: IntArray
    ends: IntArray
    lines: IntArray
    quotes: IntArray

    def __len__(self) -> int:
        return len(self.starts)

    def part(self, first: int, last: int) -> "Spans":
        """Return the records first to last - 1."""
        return Spans(self.data, self.starts[first:last], self.ends[first:last], self.lines[first:last], self.quotes)

    def of(self, places: IntArray) -> IntArray:
        """Return the index of the record that each of `places` (byte offsets, none before the first record) is in."""
        return np.searchsorted(self.starts, places, side="right") - 1


def split_records(data: bytes, *, quoted_newlines: bool) -> Spans:
    """Split at every LF or CRLF; where `quoted_newlines`, only at those with an even number of quotes before them."""
    octets = np.frombuffer(data, np.uint8)
    newlines = np.flatnonzero(octets == LINE_FEED)
    quotes = _places(data, QUOTE, 0, len(data))
    breaks = np.arange(len(newlines))
    if quoted_newlines and len(quotes):
        breaks = np.flatnonzero(np.searchsorted(quotes, newlines) % 2 == 0)
    first = len(BYTE_ORDER_MARK) if data.startswith(BYTE_ORDER_MARK) else 0
    starts = np.concatenate(([first], newlines[breaks] + 1))
    ends = np.concatenate((newlines[breaks], [len(data)]))
    lines = np.concatenate(([1], breaks + 2))
    ends = ends - _ends_in_carriage_return(octets, starts, ends)
    kept = ends > starts
    return Spans(data, starts[kept], ends[kept], lines[kept], quotes)


def find_problems(spans: Spans, delimiter: str) -> Codes:
    """Return an index into PROBLEMS per record; the number of fields is left to `count_fields`."""
    codes = np.zeros(len(spans), np.int8)
    _mark(codes, spans.of(_places_inside(spans, NUL)), NUL_BYTE)
    _mark(codes, _invalid_utf8(spans), INVALID_UTF8)
    if len(spans.quotes):
        _mark(codes, _unbalanced(spans), UNBALANCED_QUOTE)
    carriage_returns = _places_inside(spans, CARRIAGE_RETURN)
    _mark(codes, spans.of(carriage_returns[~_quoted(spans, carriage_returns)]), BARE_CARRIAGE_RETURN)
    if len(spans.quotes):
        _mark(codes, _misplaced(spans, delimiter), MISPLACED_QUOTE)
    return codes


def mark_wrong_field_counts(codes: Codes, spans: Spans, delimiter: str, fields: int) -> None:
    """Mark in `codes` the records that are sound so far and do not have as many fields as the header."""
    found = 1 + np.bincount(spans.of(_delimiters(spans, delimiter)), minlength=len(spans))
    _mark(codes, np.flatnonzero(found != fields), WRONG_FIELD_COUNT)


def cut_off_rest(codes: Codes, spans: Spans, delimiter: str, fields: int) -> IntArray:
    """Return where the first `fields` fields of each record end; its rest, if any, starts behind the delimiter there.

    Marks in `codes` the records that are sound so far and have fewer fields.
    """
    delimiters = _delimiters(spans, delimiter)
    found = np.bincount(spans.of(delimiters), minlength=len(spans))
    _mark(codes, np.flatnonzero(found < fields - 1), WRONG_FIELD_COUNT)
    ends, has_rest = spans.ends.copy(), found >= fields
    before = np.cumsum(found) - found
    ends[has_rest] = delimiters[before[has_rest] + fields - 1]
    return ends


def _delimiters(spans: Spans, delimiter: str) -> IntArray:
    """Return where the delimiters between the fields of all records are."""
    delimiters = _places_inside(spans, ord(delimiter))
    return delimiters[~_quoted(spans, delimiters)]


def _mark(codes: Codes, records: IntArray, problem: str) -> None:
    """Give `records` the code of `problem` unless an earlier problem has them."""
    codes[records[codes[records] == 0]] = PROBLEMS.index(problem)


def _places_inside(spans: Spans, octet: int) -> IntArray:
    """Return where `octet` is inside a record: not in a line end, a blank line or the byte order mark."""
    if len(spans) == 0:
        return np.empty(0, np.int64)
    places = _places(spans.data, octet, int(spans.starts[0]), int(spans.ends[-1]))
    return places[places < spans.ends[spans.of(places)]]


def _places(data: bytes, octet: int, first: int, last: int) -> IntArray:
    """Return where `octet` is in data[first:last]; looks before it scans, as most objects have no such byte at all."""
    if data.find(octet, first, last) < 0:
        return np.empty(0, np.int64)
    return first + np.flatnonzero(np.frombuffer(data, np.uint8, last - first, first) == octet)


def _ends_in_carriage_return(octets: NDArray[np.uint8], starts: IntArray, ends: IntArray) -> NDArray[np.bool_]:
    """Tell which records end in CR, the first byte of a CRLF line end."""
    filled = ends > starts
    filled[filled] = octets[ends[filled] - 1] == CARRIAGE_RETURN
    return filled


def _invalid_utf8(spans: Spans) -> IntArray:
    """Return the records that are not UTF-8; decodes one by one only where the object as a whole is not."""
    if spans.data.isascii() or _is_utf8(spans.data):
        return np.empty(0, np.int64)
    suspects = np.unique(spans.of(np.flatnonzero(np.frombuffer(spans.data, np.uint8) >= 0x80)))
    suspects = suspects[suspects >= 0]
    broken = [not _is_utf8(spans.data[spans.starts[i] : spans.ends[i]]) for i in suspects]
    invalid: IntArray = suspects[np.array(broken, bool)]
    return invalid


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _quotes_before(spans: Spans, places: IntArray) -> IntArray:
    """Return how many quotes stand between the start of its record and each of `places`."""
    starts = spans.starts[spans.of(places)]
    return np.searchsorted(spans.quotes, places) - np.searchsorted(spans.quotes, starts)


def _quoted(spans: Spans, places: IntArray) -> NDArray[np.bool_]:
    """Tell which of `places` are between quotes."""
    if len(spans.quotes) == 0 or len(places) == 0:
        return np.zeros(len(places), np.bool_)
    quoted: NDArray[np.bool_] = _quotes_before(spans, places) % 2 == 1
    return quoted


def _unbalanced(spans: Spans) -> IntArray:
    """Return the records with an odd number of quotes."""
    found = np.searchsorted(spans.quotes, spans.ends) - np.searchsorted(spans.quotes, spans.starts)
    return np.flatnonzero(found % 2 == 1)


def _misplaced(spans: Spans, delimiter: str) -> IntArray:
    """Return the records where a quote opens after, or closes before, anything but a delimiter, a quote or the end."""
    octets = np.frombuffer(spans.data, np.uint8)
    quotes = _places_inside(spans, QUOTE)
    records = spans.of(quotes)
    opens = ~_quoted(spans, quotes)
    at_edge = np.where(opens, quotes == spans.starts[records], quotes == spans.ends[records] - 1)
    neighbours = octets[np.clip(np.where(opens, quotes - 1, quotes + 1), 0, len(octets) - 1)]
    allowed = at_edge | (neighbours == ord(delimiter)) | (neighbours == QUOTE)
    misplaced: IntArray = records[~allowed]
    return misplaced
