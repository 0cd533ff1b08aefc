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
LONGEST_SHOWN: Final = 60
REMEDY: Final = "Have the sender deliver object and manifest again."


def check_totals(contract: Contract, name: str, content: bytes, said: Mapping[str, str]) -> None:
    """Raises LandingError where the sum of a column, over the rows that have a number in it, is not what is said.

    Nor may a total be missing that the contract asks for.
    """
    for column in contract.source.totals if contract.source else ():
        if column not in said:
            raise LandingError(
                f"{name}: its manifest has no total of {column}, which {contract.path.name} asks for. {REMEDY}"
            )
    if not said:
        return
    form = contract.source.format if contract.source else {}
    if form.get("type") != DELIMITED or form.get("header") is False:
        rule = f"totals are sums of columns by their names in a header, and its form, {form.get('type')}, has none"
        raise LandingError(f"{name}: {rule}. Have the sender leave them out of the manifest.")
    found = _sums(content, tuple(said), str(form.get("delimiter", ",")), bool(form.get("quotedNewlines", False)))
    for column, total in said.items():
        if found is None:
            rule = "there is no such column, or two of one name, or no text"
            raise LandingError(f"{name}: its manifest has a total of {column}, and {rule}. {REMEDY}")
        if Decimal(total) != found[column]:
            sums = f"the sum of {column} is {_shown(found[column])}, its manifest says {total}"
            raise LandingError(f"{name}: {sums}. {REMEDY}")


def _sums(content: bytes, columns: tuple[str, ...], delimiter: str, quoted_newlines: bool) -> dict[str, Decimal] | None:
    """The sum of each column over the sound rows; None where the header has not each of the columns once."""
    from spark_jobs.functions.csv_decode import DUPLICATE_COLUMN, MISSING_COLUMN, CsvFormat, decode_object
    from spark_jobs.functions.record_batches import UNREADABLE_OBJECT

    sums = dict.fromkeys(columns, Decimal(0))
    for batch in decode_object(content, CsvFormat(columns, delimiter, quoted_newlines)):
        problems = set(batch.column("problem").to_pylist())
        if problems & {MISSING_COLUMN, DUPLICATE_COLUMN, UNREADABLE_OBJECT}:
            return None
        for row in batch.column("fields").to_pylist():
            for column, text in (row or {}).items():
                if text is not None and NUMBER.fullmatch(text):
                    sums[column] = EXACT.add(sums[column], EXACT.create_decimal(text))
    return sums


def _shown(number: Decimal) -> str:
    """A number for people; of one that fills pages the beginning."""
    text = f"{number:f}"
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}... ({len(text)} characters)"
