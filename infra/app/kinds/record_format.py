"""Which module reads the records of a source: the one in `spark_jobs/formats` named by its contract's `format.type`."""

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, Protocol, cast

import spark_jobs.formats
from expectations.contract import Contract
from expectations.contract_error import ContractError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from spark_jobs.functions.wire_column import WireColumn

PACKAGE: Final = "spark_jobs.formats"


class RecordFormat(Protocol):
    """What a module of `spark_jobs/formats` has.

    `UNIT` is what a record is, a `line` of an object or an `item` of the page that an object is. `HAS_HEADER`: the
    first of them is a header, unless `header: false`. `OPTIONS` are the further entries of `format` that it reads.
    """

    UNIT: str
    HAS_HEADER: bool
    OPTIONS: frozenset[str]

    def misfit(self, columns: "Sequence[WireColumn]", options: Mapping[str, object]) -> str | None:
        """Why some columns cannot be delivered in this form, if so."""

    def read_records(
        self, objects: "DataFrame", *, columns: "Sequence[WireColumn]", options: Mapping[str, object]
    ) -> "DataFrame":
        """The records of some objects, a row each."""


def format_module(contract: Contract) -> str:
    """Name of the module that reads a source's records; raises ContractError where there is none."""
    kind = str(contract.source.format["type"]) if contract.source else ""
    known = sorted(module.name for module in pkgutil.iter_modules(spark_jobs.formats.__path__))
    if kind not in known:
        remedy = f"Use one of {', '.join(known)}, or add spark_jobs/formats/{kind}.py"
        raise ContractError(contract.path, "source.format.type", f"there is no format {kind}", remedy)
    return f"{PACKAGE}.{kind}"


def record_format(contract: Contract) -> RecordFormat:
    """The form of a source's objects; raises ContractError where the contract asks of it what it does not have."""
    found = cast(RecordFormat, importlib.import_module(format_module(contract)))
    entries = contract.source.format if contract.source else {}
    unknown = sorted(entries.keys() - found.OPTIONS - {"type"})
    if unknown:
        remedy = f"Remove it; there are: {', '.join(sorted(found.OPTIONS)) or 'none'}"
        raise ContractError(contract.path, "source.format", f"{entries['type']} has no option {unknown[0]}", remedy)
    if rule := found.misfit(wire_columns(contract), entries):
        raise ContractError(contract.path, "source.format", rule, "Mend it, or a column's logicalType or physicalName")
    return found


def wire_columns(contract: Contract) -> "tuple[WireColumn, ...]":
    """The delivered columns of a source as its decoder wants them."""
    from spark_jobs.functions.wire_column import WireColumn

    return tuple(WireColumn(c.name, c.wire_path, c.logical_type or "untyped") for c in contract.columns)


def count(contract: Contract, data: bytes) -> int:
    """The independent count of the records in an object of a source."""
    from spark_jobs.functions.count_items import count_items
    from spark_jobs.functions.count_records import count_records

    form, options = record_format(contract), contract.source.format if contract.source else {}
    if form.UNIT == "item":
        return count_items(data, path=str(options["items"]))
    quoted_newlines = bool(options.get("quotedNewlines", False))
    return count_records(data, has_header=_has_header(form, options), quoted_newlines=quoted_newlines)


def is_readable(contract: Contract, data: bytes) -> bool:
    """Whether an object of a source is what its form says on the whole, whatever its records are."""
    from spark_jobs.functions.count_items import is_page
    from spark_jobs.functions.count_records import is_readable

    form, options = record_format(contract), contract.source.format if contract.source else {}
    if form.UNIT == "item":
        return is_page(data, path=str(options["items"]))
    return is_readable(data, has_header=_has_header(form, options))


def _has_header(form: RecordFormat, options: Mapping[str, object]) -> bool:
    return form.HAS_HEADER and options.get("header") is not False
