"""Control totals: the sums that a sender says its object has, held against those of its rows as they are written."""

import re
from collections.abc import Mapping
from decimal import Context, Decimal
from typing import Final

from expectations.contract import Contract
from infra.lake.landing import LandingError

DELIMITED: Final = "csv"
NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")
# Sums are exact: no number in a line, however long, is rounded.
EXACT: Final = Context(prec=1_100_000)


def check_totals(contract: Contract, name: str, content: bytes, said: Mapping[str, str]) -> None:
    """Raises LandingError where the sum of a column, over the rows that have a number in it, is not what is said."""
    if not said:
        return
    form = contract.source.format if contract.source else {}
    if form.get("type") != DELIMITED:
        raise LandingError(f"{name}: totals are sums of columns, and its form, {form.get('type')}, has none.")
    found = _sums(content, tuple(said), str(form.get("delimiter", ",")), bool(form.get("quotedNewlines", False)))
    for column, total in said.items():
        if found is None:
            raise LandingError(f"{name}: its manifest has a total of {column}, and there is no such column or no text.")
        if Decimal(total) != found[column]:
            raise LandingError(f"{name}: the sum of {column} is {found[column]}, its manifest says {total}.")


def _sums(content: bytes, columns: tuple[str, ...], delimiter: str, quoted_newlines: bool) -> dict[str, Decimal] | None:
    """The sum of each column over the sound rows; None where the header has not all of the columns."""
    from spark_jobs.functions.csv_decode import MISSING_COLUMN, CsvFormat, decode_object
    from spark_jobs.functions.record_batches import UNREADABLE_OBJECT

    sums = dict.fromkeys(columns, Decimal(0))
    for batch in decode_object(content, CsvFormat(columns, delimiter, quoted_newlines)):
        problems = set(batch.column("problem").to_pylist())
        if problems & {MISSING_COLUMN, UNREADABLE_OBJECT}:
            return None
        for row in batch.column("fields").to_pylist():
            for column, text in (row or {}).items():
                if text is not None and NUMBER.fullmatch(text):
                    sums[column] = EXACT.add(sums[column], EXACT.create_decimal(text))
    return sums
